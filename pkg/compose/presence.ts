import type { Reason } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { createHeartbeat, PRESENCE_BEAT_MS, PRESENCE_TTL_MS, type Heartbeat } from '#pkg/steps';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';

/** Returns the name under which this process holds leases and beats; no two runs share one. */
export function holderOf(base: ProcessBase): string {
  return `${base.config.processName}-${base.newId().slice(-8)}`;
}

/** Starts the heartbeat of a process that runs no steps, so that status and pages see it. */
export async function showPresence(
  base: ProcessBase,
  core: Core,
  options: { readonly holder: string; readonly findReason?: () => Reason | undefined },
): Promise<Heartbeat> {
  const { config, clock, logger } = base;
  const heartbeat = createHeartbeat(
    {
      workers: core.store.workers,
      clock,
      logger,
      describe: () => ({
        workerId: options.holder,
        box: id<BoxName>(config.box),
        process: config.processName,
        pid: process.pid,
        version: config.version,
        lanes: [],
        generation: 0,
        state: 'ready',
        reason: options.findReason?.(),
      }),
    },
    { intervalMs: PRESENCE_BEAT_MS, ttlMs: PRESENCE_TTL_MS },
  );
  await heartbeat.start();
  return heartbeat;
}

/** Disposes in the given order, each even when one before it failed; rejects with the first failure. */
export async function disposeAll(
  resources: readonly (AsyncDisposable | undefined)[],
): Promise<void> {
  const failures: unknown[] = [];
  for (const resource of resources) {
    try {
      await resource?.[Symbol.asyncDispose]();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
