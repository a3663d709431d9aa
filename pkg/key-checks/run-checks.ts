import type { Clock, Reason } from '#pkg/base';
import { id, type AccountId, type BoxName } from '#pkg/domain';
import type { SubmitWorkflow } from '#pkg/steps';
import type { Store, WorkflowTree } from '#pkg/store';
import { checkKey, checkKeyOptionsOf } from './definitions.ts';
import type { KeyCell } from './key-cell.ts';

export interface KeyCheckRun {
  readonly store: Pick<Store, 'workers' | 'steps'>;
  readonly submit: SubmitWorkflow;
  readonly clock: Clock;
}

/** A box that signs, and the address that the venue is to see of it. */
export interface SigningBox {
  readonly box: string;
  readonly address: string;
}

const LOOK_MS = 100;

/**
 * Asks from every box at once and returns a cell for each, in their order.
 *
 * What did not answer within `waitMs` has a cell that says why, and its step goes on by itself; a box without a worker
 * that takes steps is not asked at all.
 */
export async function runKeyChecks(
  { store, submit, clock }: KeyCheckRun,
  accountId: AccountId,
  options: {
    readonly boxes: readonly SigningBox[];
    readonly waitMs: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly KeyCell[]> {
  const untilMs = clock.monotonicMs() + options.waitMs;
  const workers = await store.workers.list();
  return Promise.all(
    options.boxes.map(async (place) => {
      const box = id<BoxName>(place.box);
      const worker = workers.find(
        (row) => row.box === box && row.lanes.some(({ lane }) => lane === 'own'),
      );
      if (worker?.state !== 'ready') {
        const reason = worker?.state === 'draining' ? 'BoxDraining' : (worker?.reason ?? 'BoxAway');
        return unanswered(place, reason, clock.nowMs());
      }
      const { workflowId } = await submit(
        checkKey,
        { accountId, box },
        checkKeyOptionsOf(accountId, box),
      );
      for (;;) {
        const tree = await store.steps.findTree(workflowId);
        const cell = cellOf(tree, place, clock.nowMs());
        if (cell !== undefined) return cell;
        if (clock.monotonicMs() >= untilMs || options.signal.aborted) {
          return unanswered(place, whyItWaits(tree), clock.nowMs());
        }
        await clock.sleep(LOOK_MS, options.signal);
      }
    }),
  );
}

/** Undefined while the check goes on. */
function cellOf(
  tree: WorkflowTree | undefined,
  place: SigningBox,
  nowMs: number,
): KeyCell | undefined {
  const [step] = tree?.steps ?? [];
  const isOver = step !== undefined && tree?.workflow.finishedAtMs !== undefined;
  if (!isOver) return undefined;
  if (step.response !== undefined) {
    const cell = JSON.parse(step.response) as KeyCell | null;
    if (cell !== null) return cell;
  }
  return {
    ...unanswered(place, step.reason ?? 'AttemptsSpent', nowMs),
    message: step.error ?? null,
  };
}

function whyItWaits(tree: WorkflowTree | undefined): Reason {
  const [step] = tree?.steps ?? [];
  return step?.reason ?? tree?.workflow.reason ?? 'LaneUnserved';
}

function unanswered({ box, address }: SigningBox, reason: Reason, atMs: number): KeyCell {
  return {
    box,
    address,
    atMs,
    outcome: 'unanswered',
    reason,
    message: null,
    isBoundToAddresses: null,
  };
}
