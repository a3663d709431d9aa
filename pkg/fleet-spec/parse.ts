import { checkShape, type FieldSchema } from './check-shape.ts';
import { formatPath, parsePath, type FieldPath, type Mistake } from './mistake.ts';
import { readYaml, type YamlObject } from './read-yaml.ts';
import { NOTES } from './rules/notes.ts';
import type { FleetRule, FleetTarget } from './rules/rule.ts';
import { FLEET_RULES } from './rules/rules.ts';
import {
  FleetSpecSchema,
  KIND,
  KraiteFleetSchema,
  type FleetSpec,
  type KraiteFleet,
} from './schema.ts';

export interface ParseOptions {
  /** Name of the file, for the mistakes. */
  readonly file: string;
  readonly target?: FleetTarget;
}

export type ParsedFleet =
  | {
      readonly kind: 'valid';
      readonly fleet: KraiteFleet;
      /** Worth telling, no reason to refuse. */
      readonly warnings: readonly Mistake[];
    }
  /** Every mistake at once, by line. */
  | { readonly kind: 'invalid'; readonly mistakes: readonly Mistake[] };

/** The builder's types know less than what it builds: plain OpenAPI (fields.ts). */
const FLEET_SHAPE = KraiteFleetSchema as unknown as FieldSchema;

/** Reads a KraiteFleet from YAML (or JSON) text and fills in every default. Never throws. */
export function parseFleet(text: string, options: ParseOptions): ParsedFleet {
  const { file, target = 'local' } = options;
  const reading = readYaml(text);
  if (reading.kind === 'unreadable') {
    const mistakes = reading.problems.map((problem) => ({ file, path: '', ...problem }));
    return { kind: 'invalid', mistakes };
  }
  const { object } = reading;
  const place = (path: FieldPath, message: string): Mistake => ({
    file,
    line: object.lineOf(path),
    path: formatPath(path),
    message,
  });
  const foreign = findForeignKind(object);
  if (foreign !== undefined) return { kind: 'invalid', mistakes: [place(['kind'], foreign)] };

  const given = withoutServerFields(object.value);
  const shape = checkShape(FLEET_SHAPE, given, []);
  const fleet = shape.value as KraiteFleet;
  const apply = (rules: readonly FleetRule[]): readonly Mistake[] =>
    rules
      .flatMap((rule) => rule.find(fleet.spec, target))
      .map(({ path, message }) => place(parsePath(path), message));
  const mistakes = [
    ...shape.mistakes.map(({ path, message }) => place(path, message)),
    ...apply(FLEET_RULES),
  ];
  if (mistakes.length === 0) return { kind: 'valid', fleet, warnings: apply(NOTES) };
  return { kind: 'invalid', mistakes: mistakes.toSorted((a, b) => a.line - b.line) };
}

const SPEC_SHAPE = FleetSpecSchema as unknown as FieldSchema;

/**
 * Returns a spec as it was read from an API server with every default in its place.
 *
 * The server fills in all others, and no default that is null; `kubectl apply` takes nulls away even where they are written.
 */
export function completeSpec(spec: FleetSpec): FleetSpec {
  return checkShape(SPEC_SHAPE, spec, []).value as FleetSpec;
}

/** Another kind of object gets one sentence, not a list of everything that it lacks. */
function findForeignKind({ value }: YamlObject): string | undefined {
  const kind = isRecord(value) ? value['kind'] : undefined;
  if (typeof kind !== 'string' || kind === KIND) return undefined;
  return `${kind} is another kind of object; write ${KIND}, or give the file that holds it`;
}

const SERVER_METADATA = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
];

/** An object that was read back from a cluster carries what the server wrote; that is not the person's. */
function withoutServerFields(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { status: _status, ...rest } = value;
  const { metadata } = rest;
  if (!isRecord(metadata)) return rest;
  const own = Object.entries(metadata).filter(([name]) => !SERVER_METADATA.includes(name));
  return { ...rest, metadata: Object.fromEntries(own) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
