import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** A file of a zip archive; its content is unpacked when it is asked for. */
export interface ZipEntry {
  readonly name: string;
  readonly content: () => Buffer;
}

const END_SIGNATURE = 0x06054b50;
const END_LENGTH = 22;
const STORED = 0;

/** Returns the files of an archive, as its central directory (APPNOTE 4.3) lists them. No zip64, no encryption. */
export function readZip(archive: Buffer): readonly ZipEntry[] {
  let end = archive.length - END_LENGTH;
  while (end >= 0 && archive.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw new Error('this is no zip archive');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const method = archive.readUInt16LE(at + 10);
    const size = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    return {
      name,
      content: () => {
        const start =
          local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
        const bytes = archive.subarray(start, start + size);
        return method === STORED ? bytes : inflateRawSync(bytes);
      },
    };
  });
}

/** Returns the hash that go.sum and the checksum database know a module's archive by: `h1:…`. */
export function moduleHash(entries: readonly ZipEntry[]): string {
  const sum = (bytes: Buffer | string): ReturnType<typeof createHash> =>
    createHash('sha256').update(bytes);
  const lines = entries
    .map(({ name, content }) => ({ name, hash: sum(content()).digest('hex') }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, hash }) => `${hash}  ${name}\n`);
  return `h1:${sum(lines.join('')).digest('base64')}`;
}

/** Writes the files whose names begin with `prefix` below `folder`; programs of Go's may be run. */
export async function writeEntries(
  entries: readonly ZipEntry[],
  prefix: string,
  folder: string,
): Promise<void> {
  for (const { name, content } of entries) {
    const path = normalize(name.slice(prefix.length));
    if (!name.startsWith(prefix) || path.startsWith('..') || path.startsWith('/')) continue;
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content(), { mode: /^(bin|pkg\/tool)\//.test(path) ? 0o755 : 0o644 });
  }
}
