import type { TestProject } from 'vitest/node';
import { startTemporary } from './shared-server.ts';

/** Provides MySQL: the server that KRAITE_TEST_MYSQL names, or a private MySQL 9. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const named = process.env['KRAITE_TEST_MYSQL'];
  if (named !== undefined && named !== '') {
    project.provide('mysqlUrl', named);
    return async () => undefined;
  }
  const server = await startTemporary('mysql');
  project.provide('mysqlUrl', server.url);
  return async () => server[Symbol.asyncDispose]();
}
