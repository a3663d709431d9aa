/** Lets submitted workflows begin: protective ones always, the others unless something holds them. */
import type { Clock, Reason } from '#pkg/base';
import { id, type WorkflowId } from '#pkg/domain';
import { findHold, type Hold } from '#pkg/holds';
import { listenTo } from '#pkg/queues';
import type { WorkflowRow, WorkflowTree } from '#pkg/store';
import { admit, hold } from '../tree/index.ts';
import type { CaretakerMetrics } from './caretaker.ts';
import { changeTree, type TreeChangerDependencies } from './change-tree.ts';
import { startRounds } from './rounds.ts';

/** What holds admission now. A hold of the fleet holds every workflow that is not protective, an absolute one all of them. */
export type AdmissionGate = () => Promise<readonly Hold[]>;

type AdmissionDependencies = TreeChangerDependencies & {
  readonly clock: Clock;
  readonly gate: AdmissionGate;
  readonly metrics?: Pick<CaretakerMetrics, 'admitted'>;
};

const BATCH = 200;
/** Workflows that were told of and are admitted without a look at what else waits. */
const TOLD_MAX = 4;
/** Signals may be lost, so the table is read at least so often. */
const SCAN_MS = 2_000;
/** Where nothing waited at the last look. */
const QUIET_SCAN_MS = 4_000;

/** Starts admission on signals and a slow scan; dispose ends it. */
export function startAdmission(dependencies: AdmissionDependencies): AsyncDisposable {
  /** Where the next look at held workflows begins: they are looked at in turn, so that none is passed by. */
  let heldAfter: WorkflowId | undefined;
  let heldLookMs = dependencies.clock.monotonicMs();
  const told = new Set<WorkflowId>();
  const rounds = startRounds(dependencies, 'admission', async () => {
    const { steps, clock } = dependencies;
    // One that comes alone begins before the table is read; many are read in their order.
    const alone = told.size > TOLD_MAX ? [] : [...told];
    told.clear();
    await admitEach(dependencies, alone);
    // A held one is told why, and is no longer among those that nothing was said of yet.
    const fresh = await steps.listSubmitted(BATCH, { isHeld: false });
    await admitAll(dependencies, fresh);
    if (fresh.length === BATCH) return 0;
    if (fresh.length > 0) heldLookMs = Math.min(heldLookMs, clock.monotonicMs() + SCAN_MS);
    const untilLookMs = heldLookMs - clock.monotonicMs();
    if (untilLookMs > 0) return untilLookMs;
    const held = await steps.listHeld(BATCH, heldAfter);
    heldAfter = held.length === BATCH ? held.at(-1)?.id : undefined;
    const released = await admitAll(dependencies, held);
    if (released > 0) return 0;
    heldLookMs = clock.monotonicMs() + (held.length > 0 ? SCAN_MS : QUIET_SCAN_MS);
    return heldLookMs - clock.monotonicMs();
  });
  const deafen = listenTo(dependencies, 'admission', (workflowId) => {
    told.add(id<WorkflowId>(workflowId));
    rounds.kick();
  });
  return {
    [Symbol.asyncDispose]: async () => {
      deafen();
      await rounds[Symbol.asyncDispose]();
    },
  };
}

/** Returns how many began. */
async function admitAll(
  dependencies: AdmissionDependencies,
  workflows: readonly WorkflowRow[],
): Promise<number> {
  if (workflows.length === 0) return 0;
  const holds = await dependencies.gate();
  const others = workflows.filter((row) => !isHeldAlready(row, holds));
  return admitUnless(
    dependencies,
    holds,
    others.map((row) => row.id),
  );
}

async function admitEach(
  dependencies: AdmissionDependencies,
  workflowIds: readonly WorkflowId[],
): Promise<void> {
  if (workflowIds.length > 0) {
    await admitUnless(dependencies, await dependencies.gate(), workflowIds);
  }
}

async function admitUnless(
  dependencies: AdmissionDependencies,
  holds: readonly Hold[],
  workflowIds: readonly WorkflowId[],
): Promise<number> {
  const { clock, metrics } = dependencies;
  // All at once: the store commits them in groups.
  const begun = await Promise.all(
    workflowIds.map(async (workflowId) => {
      let isHeld = false;
      const effect = await changeTree(dependencies, workflowId, (tree) => {
        const reason = findReason(tree, holds);
        isHeld = reason !== undefined;
        const nowMs = clock.nowMs();
        return reason === undefined ? admit(tree, nowMs) : hold(tree, reason, nowMs);
      });
      if (effect === undefined || isHeld) return false;
      if (effect.ready.length > 0) metrics?.admitted(effect.tree.workflow);
      return true;
    }),
  );
  return begun.filter(Boolean).length;
}

/** Told by the row alone, so that a long pause does not read every held workflow again and again. */
function isHeldAlready(row: WorkflowRow, holds: readonly Hold[]): boolean {
  const { accountId, reason } = row;
  if (reason === undefined) return false;
  return findHold(holdsOf(row, holds), { accountId, lanes: new Set() })?.reason === reason;
}

function findReason({ workflow, steps }: WorkflowTree, holds: readonly Hold[]): Reason | undefined {
  const lanes = new Set(steps.filter(({ role }) => role === 'default').map(({ lane }) => lane));
  return findHold(holdsOf(workflow, holds), { accountId: workflow.accountId, lanes })?.reason;
}

/** What protects is reached by nothing but an absolute hold. */
function holdsOf(
  { isProtective }: Pick<WorkflowRow, 'isProtective'>,
  holds: readonly Hold[],
): readonly Hold[] {
  return isProtective ? holds.filter(({ isAbsolute }) => isAbsolute === true) : holds;
}
