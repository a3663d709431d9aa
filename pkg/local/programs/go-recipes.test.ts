import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GO_RECIPES } from './go-recipes.ts';
import { GO_VERSION, isNewEnough } from './go-toolchain.ts';

const goModOf = (module: string): string =>
  readFileSync(join(import.meta.dirname, 'go', module, 'go.mod'), 'utf8');

const OF_MODULES = GO_RECIPES.filter(({ module }) => module !== 'pause');

test.each(OF_MODULES)('the version of $module names what its go.mod pins', (recipe) => {
  const goMod = goModOf(recipe.module);
  const [first = ''] = [recipe.mainWithout?.ofModule, ...Object.values(recipe.packages)].filter(
    (path) => path !== undefined,
  );
  const required = [...goMod.matchAll(/^\t(\S+) v(\S+)(?: \/\/ indirect)?$/gm)];
  const own = required.find(([, path = '']) => first === path || first.startsWith(`${path}/`));
  expect(own?.[2]).toBe(recipe.version);
  for (const path of Object.values(recipe.packages)) expect(goMod).toContain(path);
});

test('every go.mod is content with the toolchain that is asked for', () => {
  for (const { module } of GO_RECIPES) {
    expect(isNewEnough(`go${GO_VERSION}`)).toBe(true);
    const [, asked = ''] = /^go (\S+)$/m.exec(goModOf(module)) ?? [];
    expect(GO_VERSION >= asked, `${module} asks for Go ${asked}`).toBe(true);
  }
});

test.each([
  ['go1.26.8', true],
  ['go1.26.10', true],
  ['go1.27.0', true],
  ['go2.0', true],
  ['go1.26.7', false],
  ['go1.26', false],
  ['go1.9.9', false],
  ['devel', false],
])('%s is new enough: %s', (version, isFitting) => {
  expect(isNewEnough(version)).toBe(isFitting);
});
