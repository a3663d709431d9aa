import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

const SKIPPED = new Set(['node_modules', '.git', '.kraite', 'coverage']);

/** Returns the files of the clone below `folder`, relative to its root, without what is fetched or generated at run time. */
export async function listFiles(folder = '.'): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (current: string): Promise<void> => {
    for (const entry of await readdir(current, { withFileTypes: true })) {
      if (SKIPPED.has(entry.name) || entry.name.startsWith('.kraite-npm-')) continue;
      const path = join(current, entry.name);
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) found.push(relative(ROOT, path));
    }
  };
  await visit(join(ROOT, folder));
  return found.toSorted();
}

/** Returns the names of the folders directly below `folder`. */
export async function listFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

/** Returns the text of a file of the clone. */
export function readSource(file: string): Promise<string> {
  return readFile(join(ROOT, file), 'utf8');
}
