import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Returns what the golden file `path` (from the root of the repository) holds: expect `text` to be it.
 *
 * `KRAITE_UPDATE_GOLDEN=1` writes `text` there instead; look at the difference before you commit it.
 */
export function readGolden(path: string, text: string): string {
  const file = join(ROOT, path);
  if (process.env['KRAITE_UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
