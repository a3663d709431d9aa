import { Compile, type Validator } from 'typebox/compile';
import type { TSchema } from 'typebox';

import { toError } from '#pkg/base';

/** Arguments and responses are for ids and small facts; bulk belongs into tables of its own. */
export const PAYLOAD_BYTES_MAX = 64 * 1_024;

export type EncodedPayload =
  | { readonly kind: 'encoded'; readonly json: string }
  | { readonly kind: 'refused'; readonly problem: string };

const validators = new WeakMap<TSchema, Validator>();

/** Returns `value` as JSON text, or why it is refused: against its schema, no JSON, or too large. */
export function encodePayload(schema: TSchema, value: unknown): EncodedPayload {
  const plain = value === undefined ? null : value;
  const validator = validatorOf(schema);
  if (!validator.Check(value) && !(value === undefined && validator.Check(plain))) {
    return { kind: 'refused', problem: describeMismatch(validator, value) };
  }
  let json: string;
  try {
    json = JSON.stringify(plain);
  } catch (error) {
    return { kind: 'refused', problem: `is not JSON: ${toError(error).message}` };
  }
  const bytes = Buffer.byteLength(json);
  if (bytes > PAYLOAD_BYTES_MAX) {
    return {
      kind: 'refused',
      problem: `has ${bytes} bytes of JSON, the limit is ${PAYLOAD_BYTES_MAX}`,
    };
  }
  return { kind: 'encoded', json };
}

function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const made = Compile(schema);
  validators.set(schema, made);
  return made;
}

function describeMismatch(validator: Validator, value: unknown): string {
  const [first] = validator.Errors(value);
  if (first === undefined) return 'does not match its schema';
  const where = first.instancePath === '' ? 'the value' : first.instancePath;
  return `does not match its schema: ${where} ${first.message}`;
}
