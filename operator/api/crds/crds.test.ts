import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FLEET_RULES } from '#pkg/fleet-spec';
import { readGolden } from '../../../tests/harness/golden.ts';
import { FLEET_CEL } from './fleet-rules.ts';
import { renderCrds } from './render.ts';

const FOLDER = 'charts/kraite-operator/templates/crds';
const RENDERED = renderCrds();

test.each(Object.entries(RENDERED))(
  '%s in the chart is the one that is generated',
  (name, text) => {
    expect(readGolden(`${FOLDER}/${name}`, text)).toBe(text);
  },
);

test('the chart holds no other CRD', () => {
  const files = readdirSync(join(import.meta.dirname, '../../..', FOLDER));
  expect(files.toSorted()).toEqual(Object.keys(RENDERED).toSorted());
});

test('every rule of a fleet is said in CEL, and no other', () => {
  expect(Object.keys(FLEET_CEL).toSorted()).toEqual(FLEET_RULES.map(({ name }) => name).toSorted());
});

test('nothing in a CRD is a template to Helm', () => {
  for (const text of Object.values(RENDERED)) expect(text).not.toContain('{{');
});
