import type { TSchema } from 'typebox';

/** The part of a schema of ours that Helm is told. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean | Node;
  readonly items?: Node;
}

/** Keywords that mean the same in both. */
const KEPT = [
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
] as const;

/**
 * Returns `schema` as the text of a `values.schema.json` (JSON Schema draft 7, as Helm reads it).
 *
 * A field with a default may be left out or be null, as in the object; for Helm null is a second type. Formats of ours
 * mean nothing to Helm: their patterns stay.
 */
export function renderValuesSchema(schema: TSchema): string {
  const root = { $schema: 'http://json-schema.org/draft-07/schema#', ...convert(schema) };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function convert(node: Node): Readonly<Record<string, unknown>> {
  const { properties, additionalProperties, items } = node;
  const required = Object.entries(properties ?? {}).flatMap(([name, field]) =>
    'default' in field ? [] : [name],
  );
  const mayBeNull = 'default' in node;
  return {
    ...(node.description === undefined ? {} : { description: node.description }),
    ...(node.type === undefined ? {} : { type: mayBeNull ? [node.type, 'null'] : node.type }),
    ...(isPlain(node.default) ? { default: node.default } : {}),
    ...(node.enum === undefined ? {} : { enum: mayBeNull ? [...node.enum, null] : node.enum }),
    ...Object.fromEntries(
      KEPT.flatMap((keyword) =>
        keyword in node ? [[keyword, (node as Record<string, unknown>)[keyword]]] : [],
      ),
    ),
    ...(properties === undefined ? {} : { properties: mapValues(properties, convert) }),
    ...(required.length === 0 ? {} : { required }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean'
              ? additionalProperties
              : convert(additionalProperties),
        }),
    ...(items === undefined ? {} : { items: convert(items) }),
  };
}

/** The default of a group is that of its fields. */
function isPlain(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
