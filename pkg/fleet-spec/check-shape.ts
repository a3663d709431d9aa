import { matchesFormat, TEXT_FORMATS, type TextFormatName } from './formats.ts';
import type { FieldPath } from './mistake.ts';
import { findNearest } from './nearest.ts';

/** The part of OpenAPI v3 that the schema of a KraiteFleet uses. */
export interface FieldSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties?: boolean | FieldSchema;
  readonly items?: FieldSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface ShapeMistake {
  readonly path: FieldPath;
  readonly message: string;
}

export interface ShapeCheck {
  /**
   * The value with every default filled in. A field of the wrong type stands there as its default, or empty, so
   * that later rules can read on; text in a wrong format stays, because other fields may refer to it.
   */
  readonly value: unknown;
  readonly mistakes: readonly ShapeMistake[];
}

/** Checks `value` field by field and names every mistake of types, names, ranges and formats. */
export function checkShape(schema: FieldSchema, value: unknown, path: FieldPath): ShapeCheck {
  if (value === undefined || value === null) return checkAbsent(schema, value, path);
  switch (schema.type) {
    case 'object':
      return checkObject(schema, value, path);
    case 'array':
      return checkArray(schema, value, path);
    case 'string':
      return checkText(schema, value, path);
    case 'integer':
      return checkInteger(schema, value, path);
    case 'boolean':
      return checkBoolean(schema, value, path);
  }
}

function checkAbsent(schema: FieldSchema, value: null | undefined, path: FieldPath): ShapeCheck {
  if (value === null && schema.nullable === true) return { value: null, mistakes: [] };
  // The API server, too, takes a field without a value for one that is left out.
  if (value === null && schema.default === undefined) {
    return { value: neutral(schema), mistakes: [{ path, message: 'has no value; write a value' }] };
  }
  if (schema.default === undefined) {
    const message = `is missing; write it. ${schema.description ?? ''}`.trimEnd();
    return { value: neutral(schema), mistakes: [{ path, message }] };
  }
  // Defaults of a group are those of its fields.
  if (schema.type === 'object' && schema.default !== null) return checkShape(schema, {}, path);
  return { value: structuredClone(schema.default), mistakes: [] };
}

function checkObject(schema: FieldSchema, value: unknown, path: FieldPath): ShapeCheck {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrongType(schema, value, path, 'fields, each as `name: value` on a line of its own');
  }
  const given = value as Readonly<Record<string, unknown>>;
  const properties = schema.properties ?? {};
  const known = Object.entries(properties).map(
    ([name, field]) => [name, checkShape(field, ownField(given, name), [...path, name])] as const,
  );
  const free = Object.keys(given)
    .filter((name) => !Object.hasOwn(properties, name))
    .map((name) => [name, checkFree(schema, given[name], [...path, name])] as const);
  const entries = [...known, ...free];
  return {
    value: Object.fromEntries(
      entries.flatMap(([name, { value: each }]) => (each === undefined ? [] : [[name, each]])),
    ),
    mistakes: entries.flatMap(([, check]) => check.mistakes),
  };
}

function ownField(given: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(given, name) ? given[name] : undefined;
}

/** A field that the schema does not list. */
function checkFree(schema: FieldSchema, value: unknown, path: FieldPath): ShapeCheck {
  if (typeof schema.additionalProperties === 'object') {
    return checkShape(schema.additionalProperties, value, path);
  }
  const names = Object.keys(schema.properties ?? {});
  const nearest = findNearest(String(path.at(-1)), names);
  const advice =
    nearest === undefined ? `known here: ${names.join(', ')}` : `did you mean ${nearest}?`;
  return { value: undefined, mistakes: [{ path, message: `unknown field; ${advice}` }] };
}

function checkArray(schema: FieldSchema, value: unknown, path: FieldPath): ShapeCheck {
  const { items, minItems = 0, maxItems = Infinity } = schema;
  if (!Array.isArray(value) || items === undefined) {
    return wrongType(schema, value, path, 'a list, each entry on a line that starts with "- "');
  }
  const checks = value.map((item: unknown, index) => checkShape(items, item, [...path, index]));
  const mistakes = checks.flatMap((check) => check.mistakes);
  if (value.length < minItems) {
    mistakes.unshift({ path, message: `is empty; write at least ${minItems} entry` });
  }
  if (value.length > maxItems) {
    const message = `has ${value.length} entries; at most ${maxItems} are allowed`;
    mistakes.unshift({ path, message });
  }
  return { value: checks.map((check) => check.value), mistakes };
}

function checkText(schema: FieldSchema, value: unknown, path: FieldPath): ShapeCheck {
  if (typeof value !== 'string') {
    const isScalar = typeof value === 'number' || typeof value === 'boolean';
    return wrongType(schema, value, path, isScalar ? `text; write "${value}" in quotes` : 'text');
  }
  const message = findTextMistake(schema, value);
  return { value, mistakes: message === undefined ? [] : [{ path, message }] };
}

function findTextMistake(schema: FieldSchema, value: string): string | undefined {
  const { minLength = 0, maxLength = Infinity } = schema;
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const [only, ...others] = schema.enum;
    if (others.length === 0) return `${quote(value)} is not known; write ${only}`;
    const nearest = findNearest(value, schema.enum);
    const advice = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    return `${quote(value)} is none of ${schema.enum.join(', ')}${advice}`;
  }
  // Characters, as the API server counts them.
  const { length } = [...value];
  if (length > maxLength) return `is longer than ${maxLength} characters; shorten it`;
  if (length < minLength) return 'is empty; write a value';
  if (schema.format === undefined) return undefined;
  const format = schema.format as TextFormatName;
  return matchesFormat(format, value) ? undefined : `${quote(value)} ${TEXT_FORMATS[format].says}`;
}

function checkInteger(schema: FieldSchema, value: unknown, path: FieldPath): ShapeCheck {
  const { minimum = 0, maximum = Infinity } = schema;
  const range = `a whole number from ${minimum} to ${maximum}`;
  if (typeof value === 'string' && /^\s*-?[0-9]+\s*$/.test(value)) {
    return wrongType(schema, value, path, `a number; write ${value.trim()} without quotes`);
  }
  if (typeof value !== 'number') return wrongType(schema, value, path, range);
  if (Number.isInteger(value) && value >= minimum && value <= maximum) {
    return { value, mistakes: [] };
  }
  const message = Number.isInteger(value)
    ? `${value} is out of range; write ${range}`
    : `${value} is not a whole number; write ${range}`;
  return { value: neutral(schema), mistakes: [{ path, message }] };
}

function checkBoolean(schema: FieldSchema, value: unknown, path: FieldPath): ShapeCheck {
  if (typeof value === 'boolean') return { value, mistakes: [] };
  return wrongType(schema, value, path, 'true or false, without quotes');
}

function wrongType(
  schema: FieldSchema,
  value: unknown,
  path: FieldPath,
  wanted: string,
): ShapeCheck {
  const message = `${describe(value)} stands where there must be ${wanted}`;
  return { value: neutral(schema), mistakes: [{ path, message }] };
}

/** Something of the right type that says nothing. */
function neutral(schema: FieldSchema): unknown {
  if (schema.type === 'object') {
    if (schema.default === null) return null;
    const fields = Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, neutral(field)]));
  }
  if (schema.default !== undefined) return structuredClone(schema.default);
  return { array: [], string: '', integer: schema.minimum ?? 0, boolean: false }[schema.type];
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text "${value}"`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  return 'a group of fields';
}

const QUOTE_LENGTH_MAX = 80;

function quote(value: string): string {
  if (value === '') return '""';
  return value.length > QUOTE_LENGTH_MAX ? `${value.slice(0, QUOTE_LENGTH_MAX)}…` : value;
}
