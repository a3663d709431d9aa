import { request } from 'node:http';

import type { Clock } from '#pkg/base';
import type { Store } from '#pkg/store';
import type { ProcessStatus } from './status.ts';

export interface DrainDependencies {
  readonly clock: Clock;
  readonly store: Store;
  /** Told what is waited for, whenever that changes. */
  readonly onWait: (waitsFor: string) => void;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
}

export type DrainOutcome =
  | { readonly kind: 'drained' }
  | { readonly kind: 'timed-out'; readonly waitsFor: string }
  | { readonly kind: 'interrupted' };

const LOOK_EVERY_MS = 100;
/** Between two lines about the wait, at least. */
const SAY_EVERY_MS = 1_000;
const ROWS_READ = 500;
const NAMES_SHOWN = 3;
/** A step that is to go on within this time is under way; one that sleeps longer is not waited for. */
const DUE_SOON_MS = 1_500;

/**
 * Lets what is under way end: steps that run or may run, and positions that are being opened.
 *
 * Bounded by `timeoutMs`: what still waits then is safe in its rows and goes on at the next start.
 */
export async function awaitWorkflows(
  dependencies: DrainDependencies,
  timeoutMs: number,
): Promise<DrainOutcome> {
  const { clock, onWait, signal } = dependencies;
  const untilMs = clock.monotonicMs() + timeoutMs;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const names = await readUnderWay(dependencies);
    if (names.length === 0) return { kind: 'drained' };
    const waitsFor = describeUnderWay(names);
    if (clock.monotonicMs() - saidAtMs >= SAY_EVERY_MS) {
      saidAtMs = clock.monotonicMs();
      onWait(waitsFor);
    }
    if (clock.monotonicMs() >= untilMs) return { kind: 'timed-out', waitsFor };
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return { kind: 'interrupted' };
}

/** Returns what is under way, one entry each: a step's name, or the position that is being opened. */
async function readUnderWay({ store, clock }: DrainDependencies): Promise<readonly string[]> {
  const [running, ready, delayed, positions] = await Promise.all([
    store.steps.listSteps({ state: 'running', limit: ROWS_READ }),
    store.steps.listSteps({ state: 'ready', limit: ROWS_READ }),
    store.steps.listDelayed(ROWS_READ),
    store.positions.listOpen(),
  ]);
  const dueSoon = delayed.filter(
    ({ runAfterMs }) => (runAfterMs ?? 0) <= clock.nowMs() + DUE_SOON_MS,
  );
  const opening = positions.filter(({ status }) => status === 'opening');
  return [
    ...[...running, ...ready, ...dueSoon].map(({ name }) => name),
    ...opening.map(({ symbol }) => `${symbol} opens`),
  ];
}

/** Returns `5: 3 × place-rung, BTCUSDT opens`, the most frequent first. */
export function describeUnderWay(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  const rest = parts.length - NAMES_SHOWN;
  const shown = parts.slice(0, NAMES_SHOWN).join(', ');
  return `${names.length}: ${shown}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const DRAIN_TIMEOUT_MS = 2_000;

/** Tells a process to take nothing more. One that does not answer is not waited for: it takes nothing either. */
export function requestDrain(process: ProcessStatus): Promise<void> {
  const { healthPort } = process;
  if (healthPort === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: healthPort,
        path: '/drain',
        method: 'POST',
        timeout: DRAIN_TIMEOUT_MS,
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve());
      },
    );
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve());
    sent.end();
  });
}
