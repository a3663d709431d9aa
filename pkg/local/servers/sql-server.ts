import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { probe } from './server.ts';

export const SQL_USER = 'kraite';
export const SQL_DATABASE = 'kraite';

/** Tells whether a MySQL-protocol server greets on `port`. An error packet (too many connections) is no greeting. */
export function greets(port: number): Promise<boolean> {
  return probe(port, '', (received) => received.length > 5 && received.charCodeAt(4) === 10);
}

/** Returns the pid that a server wrote when it began to listen, or undefined. */
export async function readPidFile(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
}

/** Writes the statements run at each start: the one user, its password, the one database. Returns the file. */
export async function writeInitFile(dataFolder: string, password: string): Promise<string> {
  const file = join(dataFolder, 'init.sql');
  const user = `'${SQL_USER}'@'127.0.0.1'`;
  const statements = [
    `CREATE DATABASE IF NOT EXISTS ${SQL_DATABASE} CHARACTER SET utf8mb4;`,
    `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${password}';`,
    `ALTER USER ${user} IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${user} WITH GRANT OPTION;`,
  ];
  await writeFile(file, `${statements.join('\n')}\n`, { mode: 0o600 });
  return file;
}

/**
 * Fills `folder` by `initialise` if it does not exist yet.
 *
 * The work happens under another name that is renamed at the end, so a half-made folder is never taken for a whole one.
 */
export async function initialiseOnce(
  folder: string,
  isInitialised: () => Promise<boolean>,
  initialise: (draft: string) => Promise<void>,
): Promise<void> {
  if (await isInitialised()) return;
  const draft = `${folder}.draft-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    await initialise(draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOTEMPTY' && (await isInitialised())) return;
    throw error;
  }
}
