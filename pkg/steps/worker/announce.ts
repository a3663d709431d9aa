import { toError } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { Queues, Signals } from '#pkg/queues';
import { enqueueReady } from '../enqueue-ready.ts';
import type { TreeEffect } from '../tree/index.ts';

/** Tells queues and listeners what a commit made true; a loss is found by the sweep. */
export async function announce(
  queues: Queues,
  signals: Signals,
  effect: TreeEffect,
  logger: Logger,
): Promise<void> {
  try {
    await enqueueReady({ queues, signals }, effect.ready);
    if (effect.wakeAtMs !== undefined) await signals.publish('wake', String(effect.wakeAtMs));
    if (effect.endedAs !== undefined) await signals.publish('ended', effect.tree.workflow.id);
  } catch (error) {
    logger.warn({ err: toError(error) }, 'committed but not enqueued; the sweep will find it');
  }
}
