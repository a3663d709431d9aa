import { toError, type Clock } from '#pkg/base';
import type { StepId, WorkflowId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import type { Queues } from '#pkg/queues';
import type { EventStore, StepRow, StepStore } from '#pkg/store';
import { toQueuedStep } from './queued-step.ts';
import { admit, cancelByHand, retryByHand, skipByHand, type HandDecision } from './tree/index.ts';

export type HandAction = 'retry' | 'cancel' | 'skip';

/** Who acts, and why: both stand in the rows and among the events. */
export interface HandNote {
  readonly who: string;
  readonly why: string;
}

export type HandResult =
  | { readonly kind: 'done'; readonly workflow: string; readonly ready: number }
  /** Nothing was changed; `problem` says why, as the end of a sentence. */
  | { readonly kind: 'refused'; readonly problem: string };

export interface OperatorDependencies {
  readonly steps: StepStore;
  readonly events: EventStore;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Does what a person asks for with one step, or with a whole workflow, and records who did it, when and why.
 *
 * Rejects with StoreUnavailableError when nothing is known to be written.
 */
export async function actByHand(
  dependencies: OperatorDependencies,
  action: HandAction,
  target: { readonly workflowId: WorkflowId; readonly stepId?: StepId },
  note: HandNote,
): Promise<HandResult> {
  const { steps, events, clock } = dependencies;
  const hand = { nowMs: clock.nowMs(), note: `${action} by ${note.who}: ${note.why}` };
  const { workflowId, stepId } = target;
  const result = await steps.transact(workflowId, {}, (tree) => {
    if (stepId !== undefined && !tree.steps.some((row) => row.id === stepId)) {
      return { change: {}, value: refuse('the workflow has no such step') };
    }
    const decision = decide();
    return { change: decision.kind === 'decided' ? decision.change : {}, value: decision };

    function decide(): HandDecision {
      if (action === 'retry') return retryByHand(tree, stepId, hand);
      if (action === 'cancel') return cancelByHand(tree, stepId, hand);
      return stepId === undefined
        ? refuse('only a step can be skipped; cancel a workflow')
        : skipByHand(tree, stepId, hand);
    }
  });
  if (result.kind !== 'committed') return refuse('no such workflow runs, or it is archived');
  if (result.value.kind === 'refused') return result.value;
  const { workflow } = result.value.value.tree;
  const step = result.value.value.tree.steps.find((row) => row.id === stepId);
  await events.append({
    kind: KINDS[action],
    atMs: hand.nowMs,
    message: `${describe(workflow.name, step)}: ${hand.note}`,
    ...(workflow.accountId === undefined ? {} : { accountId: workflow.accountId }),
    ...(workflow.positionId === undefined ? {} : { positionId: workflow.positionId }),
  });
  const { ready } = result.value.value;
  await enqueue(dependencies, ready);
  return { kind: 'done', workflow: workflow.name, ready: ready.length };
}

/**
 * Lets a submitted workflow begin without a dispatcher; false when it has begun or ended already.
 *
 * For what protects or closes, while the dispatcher is away: workers go on with what has begun.
 */
export async function beginByHand(
  dependencies: Pick<OperatorDependencies, 'steps' | 'queues' | 'clock' | 'logger'>,
  workflowId: WorkflowId,
): Promise<boolean> {
  const { steps, clock } = dependencies;
  const result = await steps.transact(workflowId, {}, (tree) => admit(tree, clock.nowMs()));
  if (result.kind !== 'committed') return false;
  await enqueue(dependencies, result.value.ready);
  return result.value.ready.length > 0;
}

const KINDS: Readonly<Record<HandAction, string>> = {
  retry: 'RetriedByHand',
  cancel: 'CanceledByHand',
  skip: 'SkippedByHand',
};

function describe(workflow: string, step: StepRow | undefined): string {
  return step === undefined ? workflow : `${step.name} of ${workflow}`;
}

function refuse(problem: string): { readonly kind: 'refused'; readonly problem: string } {
  return { kind: 'refused', problem };
}

async function enqueue(
  { queues, logger }: Pick<OperatorDependencies, 'queues' | 'logger'>,
  ready: readonly StepRow[],
): Promise<void> {
  if (ready.length === 0) return;
  try {
    await queues.enqueue(ready.map(toQueuedStep));
  } catch (error) {
    logger.warn({ err: toError(error) }, 'committed but not enqueued; the sweep will find it');
  }
}
