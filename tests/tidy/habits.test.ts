import { expect, test } from 'vitest';
import { listFiles, listFolders, readSource } from './source-tree.ts';

const HEADER_LINES_MIN = 4;
const HEADER_LINES_MAX = 15;
const README_LINES_MAX = 120;

const sources = (await listFiles()).filter((file) => file.endsWith('.ts'));

test('each module opens with a header that says what it is and is not', async () => {
  const wrong: string[] = [];
  for (const module of await listFolders('pkg')) {
    const file = `pkg/${module}/index.ts`;
    if (!sources.includes(file)) {
      wrong.push(`${file} is missing`);
      continue;
    }
    const header = /^\/\*\*[\s\S]*?\*\//.exec(await readSource(file))?.[0] ?? '';
    const lines = header.split('\n').length;
    if (lines < HEADER_LINES_MIN || lines > HEADER_LINES_MAX) {
      wrong.push(`${file}: ${header === '' ? 'no header' : `${lines} lines`}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('no file is named after nothing', () => {
  const empty = /(^|[/-])(utils?|helpers?|common|misc|services?|managers?)(?=[/.-])/;
  // There, Manager is the field's own word.
  const wrong = sources.filter((file) => empty.test(file) && !file.startsWith('operator/runtime/'));
  expect(wrong).toEqual([]);
});

test('files are kebab-case', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?(\.(test|config))?\.ts$/;
  expect(sources.filter((file) => !kebab.test(file.split('/').at(-1) ?? ''))).toEqual([]);
});

test('nothing is re-exported unnamed', async () => {
  const wrong: string[] = [];
  for (const file of sources) {
    if (/^export \*/m.test(await readSource(file))) wrong.push(file);
  }
  expect(wrong).toEqual([]);
});

test('no file names a place that only one machine or one network has', async () => {
  const folders = ['work', 'root', 'home'].map((name) => `(?<![\\w.~\\]})])/${name}/[\\w.]`);
  // In halves, so that this file does not find itself.
  const hosts = [
    ['deb', 'debian'],
    ['snapshot', 'debian'],
    ['archive', 'ubuntu'],
    ['registry', 'npmjs'],
    ['deb', 'nodesource'],
  ];
  const place = new RegExp([...folders, ...hosts.map((halves) => halves.join('\\.'))].join('|'));
  const texts = (await listFiles()).filter((file) =>
    /(^|\/)[^.]+$|\.(ts|mjs|json|ya?ml|md|sh|sql)$/.test(file),
  );
  const wrong: string[] = [];
  for (const file of texts) {
    if (file === 'package-lock.json' || file.startsWith('data/')) continue;
    const found = place.exec(await readSource(file));
    if (found !== null) wrong.push(`${file}: ${found[0]}`);
  }
  expect(wrong).toEqual([]);
});

test('the README is short', async () => {
  const text = await readSource('README.md').catch(() => '');
  expect(text.split('\n').length).toBeLessThanOrEqual(README_LINES_MAX);
});

test('decisions are numbered without a gap', async () => {
  const names = (await listFiles('docs/adr')).map((file) => file.split('/').at(-1) ?? '');
  const numbers = names
    .filter((name) => name !== 'README.md')
    .map((name) => Number(name.slice(0, 4)));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});
