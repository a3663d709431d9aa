import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Writes the files of a mounted ConfigMap or Secret as the kubelet's atomic writer does.
 *
 * A folder of the new files, `..data` swapped to it by a rename, then links `name -> ..data/name`: a reader of one file
 * never sees a half, and the file that it opened is never written again (kubernetes pkg/volume/util/atomic_writer.go).
 */
export function publishFolder(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  const before = linkTarget(join(folder, '..data'));
  const fresh = mkdtempSync(join(folder, '..2026_11_27_'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(fresh, name), text);
  symlinkSync(basename(fresh), join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const name of Object.keys(files)) {
    if (!isLink(join(folder, name))) symlinkSync(join('..data', name), join(folder, name));
  }
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('..') && !(name in files)) rmSync(join(folder, name));
  }
  if (before !== undefined) rmSync(join(folder, before), { recursive: true });
}

function linkTarget(path: string): string | undefined {
  return existsSync(path) ? readlinkSync(path) : undefined;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
