import { expect, test } from 'vitest';

import { listFiles, readSource } from './source-tree.ts';

const CATALOGUES = ['pkg/observability/catalogue.ts', 'pkg/observability/fleet-catalogue.ts'];
const code = (await Promise.all(['pkg', 'operator', 'cmd'].map((folder) => listFiles(folder))))
  .flat()
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .filter((file) => !CATALOGUES.includes(file) && !file.startsWith('pkg/monitoring/'));

test('each metric of the catalogue is written by some code', async () => {
  const texts = await Promise.all(code.map(readSource));
  const catalogue = (await Promise.all(CATALOGUES.map(readSource))).join('\n');
  const names = [...catalogue.matchAll(/^ {2}(kraite_\w+): \{/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(50);
  const silent = names.filter(
    (name) => !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
  );
  expect(silent).toEqual([]);
});
