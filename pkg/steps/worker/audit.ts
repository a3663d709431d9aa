import { toError } from '#pkg/base';
import { recover } from '../tree/index.ts';
import { announce } from './announce.ts';
import type { StepWorkerDependencies } from './step-worker.ts';
import type { WorkerState } from './worker-state.ts';

const AUDIT_LIMIT = 500;

/** Frees rows that this worker holds and does not run: their claim or commit succeeded, but the reply was lost. */
export async function auditOwnRows(
  state: WorkerState,
  dependencies: StepWorkerDependencies,
): Promise<void> {
  const { store, queues, signals, clock, logger, workerId } = dependencies;
  if (state.isStopping) return;
  try {
    const held = await store.steps.listSteps({ state: 'running', workerId, limit: AUDIT_LIMIT });
    for (const step of held) {
      // Asked before the workflow is locked: of a wide one many are handled, and their ends wait for that lock.
      if (state.takings.isHandled(step)) {
        state.scheduleAudit();
        continue;
      }
      const result = await store.steps.transact(step.workflowId, {}, (tree) =>
        state.takings.isHandled(step)
          ? { change: {}, value: undefined }
          : recover(tree, step, clock.nowMs()),
      );
      if (result.kind !== 'committed') continue;
      if (result.value === undefined) state.scheduleAudit();
      else await announce(queues, signals, result.value, logger);
    }
  } catch (error) {
    logger.warn({ err: toError(error) }, 'own rows could not be audited yet');
    state.scheduleAudit();
  }
}
