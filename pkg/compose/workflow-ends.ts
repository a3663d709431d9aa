import type { Clock } from '#pkg/base';
import type { WorkflowId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import { listenTo, type Signals } from '#pkg/queues';
import type { StepStore, WorkflowState } from '#pkg/store';

/** Who waits for the end of a workflow. */
export interface WorkflowEnds extends Disposable {
  /** Resolves to the state in which the workflow ended; rejects when `signal` aborts or the workflow is gone. */
  wait(workflowId: WorkflowId, signal: AbortSignal): Promise<WorkflowState>;
}

/** A signal may be lost: the row is looked at so often without one. */
const LOOK_MS = 15_000;

/** Returns a wait that a signal of the ended workflow wakes, and its row decides. */
export function watchWorkflowEnds(dependencies: {
  readonly steps: Pick<StepStore, 'findTree'>;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly logger: Logger;
}): WorkflowEnds {
  const { steps, clock } = dependencies;
  const waiting = new Map<string, AbortController>();
  const stopListening = listenTo(dependencies, 'ended', (ended) => waiting.get(ended)?.abort());
  return {
    wait: async (workflowId, signal) => {
      try {
        for (;;) {
          signal.throwIfAborted();
          const woken = new AbortController();
          waiting.set(workflowId, woken);
          const tree = await steps.findTree(workflowId);
          if (tree === undefined) throw new Error('the workflow that is waited for is gone');
          if (tree.workflow.finishedAtMs !== undefined) return tree.workflow.state;
          await clock.sleep(LOOK_MS, AbortSignal.any([signal, woken.signal]));
        }
      } finally {
        waiting.delete(workflowId);
      }
    },
    [Symbol.dispose]: stopListening,
  };
}
