import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

import { changed, fleetOf, lineWith, SAMPLE } from '../../tests/harness/sample-fleet.ts';
import { checkShape, type FieldSchema } from './check-shape.ts';
import { formatMistake } from './mistake.ts';
import { completeSpec, parseFleet } from './parse.ts';
import { KraiteFleetSchema, type FleetSpec } from './schema.ts';

describe('parseFleet accepts', () => {
  it('the sample, which says nothing but the defaults where a default exists', () => {
    const fleet = fleetOf(SAMPLE);
    const bare = withoutDefaults(KraiteFleetSchema as unknown as FieldSchema, fleet);
    expect(fleetOf(stringify(bare))).toEqual(fleet);
    expect(parse(SAMPLE)).toEqual({
      ...fleet,
      metadata: { name: 'kraite', namespace: 'kraite' },
    });
  });

  it('what was formatted from a whole object, as the same object', () => {
    const fleet = fleetOf(SAMPLE);
    expect(fleetOf(stringify(fleet))).toEqual(fleet);
    expect(fleetOf(JSON.stringify(fleet))).toEqual(fleet);
  });

  it('what a server wrote into the object, leaving it aside', () => {
    const served = `${SAMPLE.replace('  namespace: kraite', '  namespace: kraite\n  uid: 0-1\n  generation: 3')}status:\n  phase: Ready\n`;
    expect(fleetOf(served)).toEqual(fleetOf(SAMPLE));
  });

  it('mode live, with a warning', () => {
    const parsed = parseFleet(changed('mode: simulated', 'mode: live'), { file: 'f.yaml' });
    expect(parsed.kind === 'valid' ? parsed.warnings.map(formatMistake) : []).toEqual([
      `f.yaml:${lineWith('mode: ')}: spec.exchange.mode: live trades real money: \`kraite up\` asks for --live and a confirmation, and an account trades only after \`kraite accounts arm NAME\``,
    ]);
  });

  it('empty endpoints of a simulated venue, with a warning, where they are filled in', () => {
    const parsed = parseFleet(SAMPLE, { file: 'f.yaml' });
    expect(parsed.kind === 'valid' ? parsed.warnings.map((each) => each.path) : []).toEqual([
      'spec.exchange.endpoints',
    ]);
  });
});

describe('the schema', () => {
  it('describes every field and is a structural OpenAPI schema as it stands', () => {
    const problems: string[] = [];
    const walk = (schema: FieldSchema, path: string): void => {
      const keys = new Set(Object.keys(schema));
      for (const key of ['anyOf', 'oneOf', 'allOf', 'not', '$ref', 'const', 'patternProperties']) {
        if (keys.has(key)) problems.push(`${path} has ${key}`);
      }
      if (schema.type === undefined) problems.push(`${path} has no type`);
      if ((schema.description ?? '') === '') problems.push(`${path} has no description`);
      for (const [name, field] of Object.entries(schema.properties ?? {})) {
        walk(field, `${path}.${name}`);
      }
      if (schema.items !== undefined) walk(schema.items, `${path}[]`);
    };
    walk(JSON.parse(JSON.stringify(KraiteFleetSchema)) as FieldSchema, 'root');
    expect(problems).toEqual([]);
  });
});

function withoutDefaults(schema: FieldSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withoutDefaults(items, item));
  }
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return value;
  const entries = Object.entries(value).flatMap(([name, field]) => {
    const of = schema.properties?.[name];
    if (of === undefined) return [];
    const preset = checkShape(of, undefined, []);
    const isPreset =
      of.default !== undefined && JSON.stringify(preset.value) === JSON.stringify(field);
    return isPreset ? [] : [[name, withoutDefaults(of, field)] as const];
  });
  return Object.fromEntries(entries);
}

it('completes a spec of which an API server kept no null to what was written', () => {
  const { spec } = fleetOf(SAMPLE);
  const kept = JSON.parse(
    JSON.stringify(spec, (_key, value: unknown) => (value === null ? undefined : value)),
  ) as FleetSpec;
  expect('existing' in kept.core.mysql).toBe(false);
  expect(completeSpec(kept)).toEqual(spec);
});
