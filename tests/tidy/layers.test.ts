import { expect, test } from 'vitest';
import { LAYERS, replaceLayers } from './layers.ts';
import { listFolders, readSource } from './source-tree.ts';

const modules = LAYERS.flatMap((layer) => layer.modules);

test('each folder of pkg has its layer', async () => {
  const folders = await listFolders('pkg');
  expect(folders.filter((folder) => !modules.includes(folder))).toEqual([]);
});

test('no module stands in two layers', () => {
  expect(new Set(modules).size).toBe(modules.length);
});

test('ARCHITECTURE.md shows the table (node tests/tidy/write-layers.ts writes it)', async () => {
  const text = await readSource('ARCHITECTURE.md');
  expect(replaceLayers(text)).toBe(text);
});
