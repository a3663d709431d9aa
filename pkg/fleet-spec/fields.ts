import { Type, type Static, type TObject, type TProperties, type TSchema } from 'typebox';

import { TEXT_FORMATS, type TextFormatName } from './formats.ts';

/**
 * The few kinds of field that the KraiteFleet schema is made of.
 *
 * Whatever they return is an OpenAPI v3 structural schema as it stands: every node has a type, `null` is
 * `nullable`, there is no reference and no union. A field with a `default` may be left out.
 */
interface TextOptions<Text extends string = string> {
  readonly default?: Text;
  readonly lengthMax?: number;
}

export function text(format: TextFormatName, description: string, options: TextOptions = {}) {
  return Type.String({
    description,
    format,
    pattern: TEXT_FORMATS[format].pattern,
    maxLength: options.lengthMax ?? 253,
    ...defaulted(options),
  });
}

/** Text without a format of its own. */
export function words(description: string, options: TextOptions = {}) {
  return Type.String({
    description,
    minLength: 1,
    maxLength: options.lengthMax ?? 253,
    ...defaulted(options),
  });
}

export function choice<const Choices extends readonly string[]>(
  choices: Choices,
  description: string,
  options: TextOptions<Choices[number]> = {},
) {
  return Type.Unsafe<Choices[number]>(
    Type.String({ description, enum: [...choices], ...defaulted(options) }),
  );
}

export function count(
  description: string,
  options: { readonly minimum: number; readonly maximum: number; readonly default?: number },
) {
  const { minimum, maximum } = options;
  return Type.Integer({ description, minimum, maximum, ...defaulted(options) });
}

export function flag(description: string, options: { readonly default: boolean }) {
  return Type.Boolean({ description, default: options.default });
}

/** A closed object; it may be left out when each of its fields may. */
export function group<Properties extends TProperties>(
  description: string,
  properties: Properties,
): TObject<Properties> {
  const isOptional = Object.values(properties).every((property) => 'default' in property);
  return Type.Object(properties, {
    description,
    additionalProperties: false,
    ...(isOptional ? { default: {} } : {}),
  });
}

/** A list that Kubernetes merges by `key` where one is given. */
export function list<Item extends TSchema>(
  description: string,
  item: Item,
  options: {
    readonly itemsMin?: number;
    readonly itemsMax: number;
    readonly key?: string;
    readonly default?: readonly Static<Item>[];
  },
) {
  return Type.Array(item, {
    description,
    ...(options.itemsMin === undefined ? {} : { minItems: options.itemsMin }),
    maxItems: options.itemsMax,
    ...(options.key === undefined
      ? {}
      : { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [options.key] }),
    ...(options.default === undefined ? {} : { default: [...options.default] }),
  });
}

/** The field may be `null`, which is also what it is when left out. */
export function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, nullable: true, default: null });
}

/** Texts by free keys. */
export function textMap(description: string) {
  return Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    description,
    additionalProperties: { type: 'string' },
    default: {},
  });
}

function defaulted<Value>(options: { readonly default?: Value }): { readonly default?: Value } {
  return options.default === undefined ? {} : { default: options.default };
}
