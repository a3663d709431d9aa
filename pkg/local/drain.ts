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
const WORKFLOWS_SHOWN = 3;
const WORKFLOWS_READ = 200;

/**
 * Lets what is under way end: nothing new is admitted, and running workflows run out.
 *
 * Bounded by `timeoutMs`: what still waits then is safe in its rows and goes on at the next start.
 */
export async function awaitWorkflows(
  dependencies: DrainDependencies,
  timeoutMs: number,
): Promise<DrainOutcome> {
  const { clock, store, onWait, signal } = dependencies;
  const untilMs = clock.monotonicMs() + timeoutMs;
  let said = '';
  while (!signal.aborted) {
    const running = await store.steps.listWorkflows({ state: 'running', limit: WORKFLOWS_READ });
    if (running.length === 0) return { kind: 'drained' };
    const waitsFor = describeWorkflows(running);
    if (waitsFor !== said) onWait(waitsFor);
    said = waitsFor;
    if (clock.monotonicMs() >= untilMs) return { kind: 'timed-out', waitsFor };
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return { kind: 'interrupted' };
}

function describeWorkflows(workflows: readonly { readonly name: string }[]): string {
  const counts = new Map<string, number>();
  for (const { name } of workflows) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  const shown = parts.slice(0, WORKFLOWS_SHOWN).join(', ');
  const rest = parts.length - WORKFLOWS_SHOWN;
  const count = workflows.length === 1 ? '1 workflow' : `${workflows.length} workflows`;
  return `${count}: ${shown}${rest > 0 ? ` and ${rest} more kinds` : ''}`;
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
