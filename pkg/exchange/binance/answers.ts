import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

import { toError } from '#pkg/base';

import { ExchangeProtocolError } from '../errors.ts';
import { foreignAnswerHint } from './hints.ts';

/** Returns the answer with its type, or throws {@link ExchangeProtocolError} naming the first bad field. */
export type AnswerCheck<T> = (value: unknown, endpoint: string) => T;

/** Returns a check for a schema; it is compiled when it is first used. */
export function createAnswerCheck<S extends TSchema>(schema: S): AnswerCheck<Static<S>> {
  let validator: ReturnType<typeof Compile<S>> | undefined;
  return (value, endpoint) => {
    validator ??= Compile(schema);
    if (validator.Check(value)) return value;
    const [first] = validator.Errors(value);
    const field = first === undefined || first.instancePath === '' ? 'answer' : first.instancePath;
    throw new ExchangeProtocolError({
      endpoint,
      expected: `${field} ${first?.message ?? 'of another shape'}`,
      fields: { endpoint, field },
    });
  };
}

/** Most answers carry none. What stands before a number is rarer than digits, so this looks at few places and is cheap. */
const MAYBE_LONG_INTEGER = /[:[,\s-]\d{16}/u;
const LONG_INTEGERS = /(?<=[:[,]\s*)-?\d{16,}(?=\s*[,}\]])/gu;
const EXCERPT_LENGTH = 120;

/**
 * Returns a body's JSON, with integers of 16 digits and more as text: order ids exceed 2^53.
 *
 * Throws {@link ExchangeProtocolError} for anything else, such as a proxy's HTML page.
 */
export function parseAnswer(text: string, endpoint: string): unknown {
  try {
    const isPlain = !MAYBE_LONG_INTEGER.test(text);
    return JSON.parse(isPlain ? text : text.replaceAll(LONG_INTEGERS, '"$&"'));
  } catch (error) {
    throw new ExchangeProtocolError({
      endpoint,
      expected: 'JSON',
      hint: foreignAnswerHint(200, text),
      cause: toError(error),
      fields: { endpoint, excerpt: text.slice(0, EXCERPT_LENGTH) },
    });
  }
}
