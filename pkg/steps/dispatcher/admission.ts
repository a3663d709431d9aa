/** Lets submitted workflows begin: protective ones always, the others while the gate is open. */
import type { Clock, Reason } from '#pkg/base';
import type { WorkflowRow } from '#pkg/store';
import { admit } from '../tree/index.ts';
import { changeTree, type TreeChangerDependencies } from './change-tree.ts';
import { listenTo } from '#pkg/queues';
import { startRounds } from './rounds.ts';

/** Why admission of a workflow that is not protective is held now; undefined lets it begin. `FleetFrozen` holds all of them. */
export type AdmissionGate = () => Promise<Reason | undefined>;

const BATCH = 200;
/** Signals may be lost, so the table is read at least so often. */
const SCAN_MS = 2_000;

/** Starts admission on signals and a slow scan; dispose ends it. */
export function startAdmission(
  dependencies: TreeChangerDependencies & { readonly clock: Clock; readonly gate: AdmissionGate },
): AsyncDisposable {
  const rounds = startRounds(dependencies, 'admission', () => admitBatch(dependencies));
  const deafen = listenTo(dependencies, 'admission', () => rounds.kick());
  return {
    [Symbol.asyncDispose]: async () => {
      deafen();
      await rounds[Symbol.asyncDispose]();
    },
  };
}

async function admitBatch(
  dependencies: TreeChangerDependencies & { readonly clock: Clock; readonly gate: AdmissionGate },
): Promise<number> {
  const { steps, clock, gate } = dependencies;
  const reason = await gate();
  // The one hold that reaches what protects, too.
  if (reason === 'FleetFrozen') {
    await showReason(dependencies, reason, {});
    return SCAN_MS;
  }
  const submitted = await steps.listSubmitted(
    BATCH,
    reason === undefined ? {} : { isProtective: true },
  );
  // All at once: the store commits them in groups.
  await Promise.all(
    submitted.map((row) => changeTree(dependencies, row.id, (tree) => admit(tree, clock.nowMs()))),
  );
  if (reason !== undefined) await showReason(dependencies, reason, { isProtective: false });
  return submitted.length === BATCH ? 0 : SCAN_MS;
}

/** Writes why they wait into the rows of held workflows, once for each reason. */
async function showReason(
  dependencies: TreeChangerDependencies,
  reason: Reason,
  filter: { readonly isProtective?: boolean },
): Promise<void> {
  const held = await dependencies.steps.listSubmitted(BATCH, filter);
  for (const workflow of held.filter((row: WorkflowRow) => row.reason !== reason)) {
    await dependencies.steps.transact(workflow.id, {}, (tree) => ({
      change: tree.workflow.state === 'submitted' ? { workflow: { reason } } : {},
      value: undefined,
    }));
  }
}
