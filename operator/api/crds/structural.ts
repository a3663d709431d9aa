import type { CelRule } from './cel.ts';

/** An OpenAPI v3 structural schema, as far as our kinds use it. */
export interface Structural {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Structural>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Structural;
  readonly items?: Structural;
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
  readonly [keyword: string]: unknown;
}

/** Keywords of a field of ours that mean the same to the API server. */
const KEPT = [
  'type',
  'description',
  'default',
  'nullable',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
] as const;

/**
 * Returns a field of `pkg/fleet-spec` as the API server reads it.
 *
 * A field with a default is not required; a group of listed fields is closed by the API server's own strict decoding;
 * formats are ours and stand in the patterns. `rules` are asked by path, `spec.trading.boxes[]` being each entry.
 */
export function toStructural(
  field: Structural,
  path: string,
  rulesAt: (path: string, field: Structural) => readonly CelRule[],
): Structural {
  const { properties, additionalProperties, items } = field;
  const required = Object.entries(properties ?? {}).flatMap(([name, each]) =>
    'default' in each ? [] : [name],
  );
  const rules = rulesAt(path, field);
  const kept = Object.fromEntries(
    KEPT.flatMap((keyword) => (keyword in field ? [[keyword, field[keyword]]] : [])),
  ) as unknown as Structural;
  return {
    ...kept,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, each]) => [
              name,
              toStructural(each, `${path}.${name}`, rulesAt),
            ]),
          ),
        }),
    ...(required.length === 0 ? {} : { required }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties } : {}),
    ...(items === undefined ? {} : { items: toStructural(items, `${path}[]`, rulesAt) }),
    ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }),
  };
}
