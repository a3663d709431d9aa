/** When an entry is due: a cron expression in UTC, or a fixed interval aligned to the epoch. Pure. */
import { Cron } from 'croner';

import { toError } from '#pkg/base';

export type Cadence =
  | { readonly cron: string; readonly everyMs?: never }
  | { readonly everyMs: number; readonly cron?: never };

/** A timetable is for people's times; finer work belongs to streams and delays. */
export const EVERY_MS_MIN = 1_000;

/** Returns why the cadence is unusable, or undefined. */
export function findCadenceProblem(cadence: Cadence): string | undefined {
  if (cadence.everyMs !== undefined) {
    if (Number.isSafeInteger(cadence.everyMs) && cadence.everyMs >= EVERY_MS_MIN) return undefined;
    return `everyMs ${cadence.everyMs} is not a whole number of at least ${EVERY_MS_MIN}`;
  }
  try {
    return parse(cadence.cron).nextRun() === null ? `cron ${cadence.cron} is never due` : undefined;
  } catch (error) {
    return `cron ${cadence.cron} is not an expression: ${toError(error).message}`;
  }
}

/** Returns the newest instant at or before `nowMs`; undefined when there was none. */
export function lastDueAtMs(cadence: Cadence, nowMs: number): number | undefined {
  if (cadence.everyMs !== undefined) return Math.floor(nowMs / cadence.everyMs) * cadence.everyMs;
  return spanAt(cadence.cron, nowMs).lastMs;
}

/** Returns the first instant after `nowMs`; undefined when there is none. */
export function nextDueAtMs(cadence: Cadence, nowMs: number): number | undefined {
  if (cadence.everyMs !== undefined) {
    return (Math.floor(nowMs / cadence.everyMs) + 1) * cadence.everyMs;
  }
  return spanAt(cadence.cron, nowMs).nextMs;
}

/** Two neighbouring instants of an expression: whoever asks between them gets the same answer. */
interface Span {
  readonly lastMs: number | undefined;
  readonly nextMs: number | undefined;
}

const spans = new Map<string, Span>();

function spanAt(expression: string, nowMs: number): Span {
  const known = spans.get(expression);
  if (known !== undefined) {
    const { lastMs = Number.NEGATIVE_INFINITY, nextMs = Number.POSITIVE_INFINITY } = known;
    if (lastMs <= nowMs && nowMs < nextMs) return known;
  }
  const cron = parse(expression);
  const span: Span = {
    lastMs: cron
      .previousRuns(1, toDate(nowMs + 1))
      .at(0)
      ?.getTime(),
    nextMs: cron.nextRun(toDate(nowMs))?.getTime(),
  };
  spans.set(expression, span);
  return span;
}

const expressions = new Map<string, Cron>();

function parse(expression: string): Cron {
  const known = expressions.get(expression);
  if (known !== undefined) return known;
  const made = new Cron(expression, { timezone: 'UTC', paused: true });
  expressions.set(expression, made);
  return made;
}

function toDate(timeMs: number): Date {
  // The cron library takes Dates; the instant is the caller's.
  // oxlint-disable-next-line no-restricted-globals
  return new Date(timeMs);
}
