import { Compile } from 'typebox/schema';
import { expect, test } from 'vitest';
import { FLEET_VALUES, renderValuesSchema } from '#operator/charts';
import { fieldCases, goodFleet, ruleCases } from '../kube/parity/cases.ts';
import { ownVerdict } from '../kube/parity/verdict.ts';

/** Read back from its text: what Helm reads. */
const schema = Compile(JSON.parse(renderValuesSchema(FLEET_VALUES)) as object);
const cases = [{ name: 'good', object: goodFleet() }, ...fieldCases(), ...ruleCases()].map(
  ({ name, object }) => ({
    name,
    isValid: ownVerdict(object).isAccepted,
    isTaken: schema.Check(object),
  }),
);
const names = (list: typeof cases) => list.map(({ name }) => name);

test('every object that kraite validate accepts for a cluster is a values file that Helm takes', () => {
  expect(cases.filter(({ isValid }) => isValid).length).toBeGreaterThan(100);
  expect(names(cases.filter(({ isValid, isTaken }) => isValid && !isTaken))).toEqual([]);
});

test('four of five objects that kraite validate refuses are refused by Helm already', () => {
  const refused = cases.filter(({ isValid }) => !isValid);
  const told = refused.filter(({ isTaken }) => !isTaken);
  expect(told.length / refused.length).toBeGreaterThan(0.8);
});
