import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { moduleHash, readZip, writeEntries } from './zip.ts';

/** An archive as zip programs write it; checksums are left out, nobody reads them. */
function zipOf(files: Readonly<Record<string, string>>, method: 0 | 8): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = method === 0 ? Buffer.from(text) : deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(content.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), content);
    directory.push(central, Buffer.from(name));
    offset += local.length + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

const FILES = { 'm@v1/bin/go': 'a program\n', 'm@v1/src/a.go': 'package a\n'.repeat(100) };

test.each([0, 8] as const)('every file of an archive is read, method %s', (method) => {
  const entries = readZip(zipOf(FILES, method));
  expect(entries.map(({ name, content }) => [name, content().toString()])).toEqual(
    Object.entries(FILES),
  );
});

test('what is no archive is refused', () => {
  expect(() => readZip(Buffer.from('not found'))).toThrow('no zip archive');
});

test('the hash is the one that Go writes into go.sum, whatever the order of the files', () => {
  // As `go mod download` computes it: sha256 over "hash  name" lines in the order of names.
  const reversed = Object.fromEntries(Object.entries(FILES).toReversed());
  const hash = moduleHash(readZip(zipOf(FILES, 8)));
  expect(hash).toMatch(/^h1:[A-Za-z0-9+/]{43}=$/);
  expect(moduleHash(readZip(zipOf(reversed, 0)))).toBe(hash);
  expect(moduleHash(readZip(zipOf({ ...FILES, 'm@v1/bin/go': 'another\n' }, 8)))).not.toBe(hash);
});

test('files are written below their folder alone, and programs may be run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kraite-zip-'));
  try {
    const files = { ...FILES, 'm@v1/../../out': 'x', 'other/a': 'x' };
    await writeEntries(readZip(zipOf(files, 8)), 'm@v1/', join(folder, 'go'));
    expect(readFileSync(join(folder, 'go/src/a.go'), 'utf8')).toBe(FILES['m@v1/src/a.go']);
    expect(statSync(join(folder, 'go/bin/go')).mode & 0o111).toBe(0o111);
    expect(statSync(join(folder, 'go/src/a.go')).mode & 0o111).toBe(0);
    expect(() => statSync(join(folder, 'out'))).toThrow('ENOENT');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
