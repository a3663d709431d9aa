import type { TestProject } from 'vitest/node';
import { startTemporary } from './shared-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    mariadbUrl: string;
    mysqlUrl: string;
  }
}

/** Starts the MariaDB that the files of one part share; vitest calls this before and the result after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTemporary('mariadb');
  project.provide('mariadbUrl', server.url);
  return async () => server[Symbol.asyncDispose]();
}
