import { toError } from '#pkg/base';
import type { WorkflowId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import type { Queues, Signals } from '#pkg/queues';
import type { LeaseFence, StepStore, WorkflowTree } from '#pkg/store';
import { enqueueReady } from '../enqueue-ready.ts';
import type { TreeDecision, TreeEffect } from '../tree/index.ts';

export interface TreeChangerDependencies {
  readonly steps: StepStore;
  readonly queues: Queues;
  readonly signals: Signals;
  readonly logger: Logger;
  /** What is written carries it: without the lease nothing is. */
  readonly lease: LeaseFence;
}

/**
 * Commits one decision about a workflow and enqueues what it made ready; undefined when the workflow or the lease is gone.
 *
 * Rejects when the store is away. A queue that is away is only logged: the sweep finds the rows.
 */
export async function changeTree(
  dependencies: TreeChangerDependencies,
  workflowId: WorkflowId,
  decide: (tree: WorkflowTree) => TreeDecision,
): Promise<TreeEffect | undefined> {
  const { steps, logger, lease } = dependencies;
  const result = await steps.transact(workflowId, { lease }, (tree) => decide(tree));
  if (result.kind === 'fenced') {
    logger.warn({ workflow: workflowId, ...lease }, 'the lease is not held; nothing was written');
  }
  if (result.kind !== 'committed') return undefined;
  const effect = result.value;
  try {
    await enqueueReady(dependencies, effect.ready);
  } catch (error) {
    logger.warn({ err: toError(error), workflow: workflowId }, 'committed but not enqueued');
  }
  return effect;
}
