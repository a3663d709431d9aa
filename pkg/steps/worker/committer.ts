import { toError, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import { StoreUnavailableError, type StepRow, type StepStore } from '#pkg/store';
import {
  effectOf,
  finish,
  type FinishOptions,
  type RunEnd,
  type TreeEffect,
} from '../tree/index.ts';

export interface Committer {
  /**
   * Writes the end of a run and what follows from it. While the database is away it keeps trying as long as
   * `isOwned` holds; then the run is dropped and happens again elsewhere.
   */
  commit(
    step: StepRow,
    end: RunEnd,
    times: { readonly startedAtMs: number; readonly endedAtMs: number },
    options: FinishOptions & { readonly isOwned: () => boolean },
  ): Promise<CommitResult>;
}

export type CommitResult =
  | { readonly kind: 'committed'; readonly effect: TreeEffect }
  /** The row belongs to somebody else by now, or to nobody. */
  | { readonly kind: 'fenced' }
  /** Nothing is known to be written. */
  | { readonly kind: 'dropped' };

const RETRY_MS_MIN = 25;
const RETRY_MS_MAX = 250;

/** Returns the writer of run ends. `onDoubt` is called when a reply was lost, so that own rows are audited. */
export function createCommitter(dependencies: {
  readonly steps: StepStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onDoubt: () => void;
}): Committer {
  const { steps, clock, logger, onDoubt } = dependencies;
  return {
    commit: async (step, end, times, options) => {
      const fence = {
        stepId: step.id,
        workerId: step.workerId ?? '',
        epoch: step.epoch,
        effect: effectOf(step, end),
      };
      for (let delayMs = RETRY_MS_MIN; ; delayMs = Math.min(RETRY_MS_MAX, delayMs * 2)) {
        try {
          const result = await steps.transact(step.workflowId, { fence }, (tree) => {
            const time = { nowMs: clock.nowMs(), ...times };
            // What follows is not seen in a part, so nothing of it may be claimed.
            const decision = finish(tree, step.id, end, time, tree.isPart ? {} : options);
            return { change: decision.change, value: decision.value };
          });
          if (result.kind === 'committed') return { kind: 'committed', effect: result.value };
          return { kind: 'fenced' };
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) throw error;
          onDoubt();
          const fields = { err: toError(error), step: step.id, handler: step.name };
          if (!options.isOwned()) {
            logger.warn({ ...fields, reason: 'LeaseLost' }, 'outcome dropped');
            return { kind: 'dropped' };
          }
          logger.warn(fields, 'outcome not written yet');
          await clock.sleep(delayMs);
        }
      }
    },
  };
}
