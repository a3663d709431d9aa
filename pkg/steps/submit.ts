import { createHash } from 'node:crypto';

import { toError, type Clock, type IdMaker } from '#pkg/base';
import { id, type StepId, type WorkflowId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import type { Signals } from '#pkg/queues';
import type { StepStore, WorkflowRow } from '#pkg/store';
import type { SubmitOptions, SubmitWorkflow, WorkflowDefinition } from './definition.ts';
import { planBlock } from './plan-rows.ts';

export interface SubmitterDependencies {
  readonly steps: StepStore;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly makeId: IdMaker;
  readonly logger: Logger;
  /** Handlers of this release, as name@version: a workflow that names another one is refused. */
  readonly known?: ReadonlySet<string>;
}

/**
 * Returns the function that writes a workflow and tells the dispatcher.
 *
 * Rejects with WorkflowDefinitionError when the workflow could never run, and with StoreUnavailableError when
 * nothing is known to be written. A lost announcement is only logged: the dispatcher also reads the rows.
 */
export function createSubmitter(dependencies: SubmitterDependencies): SubmitWorkflow {
  return (definition, args, options = {}) =>
    submit(
      dependencies,
      definition,
      args,
      options,
      options.onceKey === undefined
        ? id<WorkflowId>(dependencies.makeId())
        : deriveId(options.onceKey),
    );
}

/** What a step's own submissions are keyed by and inherit. */
export interface SubmittingStep {
  readonly stepId: StepId;
  readonly deferrals: number;
  readonly workflow: WorkflowRow;
}

/**
 * Returns the submitter of one run of a step: ids follow from the step, so that a repeated run submits nothing twice.
 *
 * A deferral begins anew: what a step submits each time that it wakes are different workflows.
 */
export function createStepSubmitter(
  dependencies: SubmitterDependencies,
  step: SubmittingStep,
): SubmitWorkflow {
  const counts = new Map<string, number>();
  return (definition, args, options = {}) => {
    const { workflow } = step;
    const base = `${step.stepId}/${step.deferrals}/${definition.name}/${options.dedupeKey ?? ''}`;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    const accountId = options.accountId ?? workflow.accountId;
    const positionId = options.positionId ?? workflow.positionId;
    const inherited: SubmitOptions = {
      ...options,
      isUrgent: options.isUrgent ?? workflow.isUrgent,
      ...(accountId === undefined ? {} : { accountId }),
      ...(positionId === undefined ? {} : { positionId }),
    };
    return submit(
      dependencies,
      definition,
      args,
      inherited,
      deriveId(options.onceKey ?? `${base}/${count}`),
    );
  };
}

async function submit<A>(
  dependencies: SubmitterDependencies,
  definition: WorkflowDefinition<A>,
  args: A,
  options: SubmitOptions,
  workflowId: WorkflowId,
): ReturnType<SubmitWorkflow> {
  const { steps, signals, clock, makeId, logger } = dependencies;
  const nowMs = clock.nowMs();
  const isUrgent = options.isUrgent ?? false;
  const rows = planBlock(definition.steps(args), {
    workflowName: definition.name,
    workflowId,
    isUrgent,
    nowMs,
    makeId,
    known: dependencies.known,
  });
  const submission = await steps.submit({
    workflow: {
      id: workflowId,
      name: definition.name,
      state: 'submitted',
      isProtective: definition.isProtective,
      isUrgent,
      dedupeKey: options.dedupeKey,
      accountId: options.accountId,
      positionId: options.positionId,
      reason: undefined,
      submittedAtMs: nowMs,
      admittedAtMs: undefined,
      finishedAtMs: undefined,
    },
    steps: rows,
  });
  if (submission.kind === 'duplicate') return submission;
  try {
    await signals.publish('admission', workflowId);
  } catch (error) {
    logger.warn({ err: toError(error), workflow: workflowId }, 'workflow stored but not announced');
  }
  return submission;
}

const ID_LENGTH = 26;

function deriveId(text: string): WorkflowId {
  const digest = BigInt(`0x${createHash('sha256').update(text).digest('hex')}`);
  return id<WorkflowId>(digest.toString(32).padStart(ID_LENGTH, '0').slice(-ID_LENGTH));
}
