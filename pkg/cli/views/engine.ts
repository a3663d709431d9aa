import { formatInstant } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import { readEngineWaits } from '#pkg/steps';
import type { StepRow, WorkflowRow } from '#pkg/store';
import { formatAge } from '../format/words.ts';
import type { EngineFilter, ReadingSources, ReadingView } from './view.ts';

export interface StepView {
  readonly id: string;
  readonly workflow: string;
  readonly name: string;
  readonly version: number;
  readonly lane: string;
  readonly box: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly error: string | null;
  readonly attempts: number;
  readonly deferrals: number;
  readonly crashes: number;
  readonly worker: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly tookMs: number | null;
  /** From the end of the step that made it ready to its own start. */
  readonly hopMs: number | null;
  readonly ageMs: number;
}

export function stepView(step: StepRow, nowMs: number): StepView {
  const { startedAtMs, finishedAtMs, predecessorEndedAtMs } = step;
  return {
    id: step.id,
    workflow: step.workflowId,
    name: step.name,
    version: step.version,
    lane: step.lane,
    box: step.box ?? null,
    state: step.state,
    reason: step.reason ?? null,
    error: step.error ?? null,
    attempts: step.attempts,
    deferrals: step.deferrals,
    crashes: step.crashes,
    worker: step.workerId ?? null,
    createdAt: formatInstant(step.createdAtMs),
    startedAt: startedAtMs === undefined ? null : formatInstant(startedAtMs),
    tookMs: spanMs(startedAtMs, finishedAtMs),
    hopMs: spanMs(predecessorEndedAtMs, startedAtMs),
    ageMs: Math.max(0, nowMs - step.createdAtMs),
  };
}

function spanMs(fromMs: number | undefined, untilMs: number | undefined): number | null {
  if (fromMs === undefined || untilMs === undefined) return null;
  return Math.round((untilMs - fromMs) * 1_000) / 1_000;
}

export const STEPS_VIEW: ReadingView<StepView> = {
  columns: [
    { header: 'STEP', value: ({ name }) => name },
    { header: 'LANE', value: ({ lane, box }) => (box === null ? lane : `${lane}-${box}`) },
    { header: 'STATE', value: ({ state }) => state },
    { header: 'HOP MS', value: ({ hopMs }) => hopMs?.toFixed(1) ?? '', align: 'right' },
    { header: 'TOOK MS', value: ({ tookMs }) => tookMs?.toFixed(1) ?? '', align: 'right' },
    { header: 'TRIES', value: ({ attempts }) => String(attempts), align: 'right' },
    { header: 'AGE', value: ({ ageMs }) => formatAge(ageMs), align: 'right' },
    { header: 'REASON', value: ({ reason, error }) => reason ?? error?.slice(0, 60) ?? '' },
    { header: 'WORKER', value: ({ worker }) => worker ?? '', isWide: true },
    { header: 'WORKFLOW', value: ({ workflow }) => workflow, isWide: true },
    { header: 'ID', value: ({ id }) => id, isWide: true },
  ],
  whenEmpty: 'no steps yet',
  key: ({ id }) => id,
  read: async ({ reader, nowMs, limit, filter = {} }) => {
    const { is, name, olderThanMs } = filter;
    const steps = await reader.store.steps.listSteps({
      limit,
      ...(is === undefined ? {} : { state: is as StepRow['state'] }),
      ...(name === undefined ? {} : { name }),
      ...(await accountFilter(reader, filter)),
      ...(olderThanMs === undefined ? {} : { createdBeforeMs: nowMs - olderThanMs }),
    });
    const waits = await readEngineWaits(reader.store, reader.queueTrouble);
    return steps.map((step) => ({
      ...stepView(step, nowMs),
      reason: waits.reasonOfStep(step) ?? null,
    }));
  },
};

/** People know an account by its name, rows by its id; an unknown one has no rows. */
async function accountFilter(
  reader: ReadingSources['reader'],
  { account }: EngineFilter,
): Promise<{ readonly accountId?: AccountId }> {
  if (account === undefined) return {};
  const accounts = await reader.store.accounts.list();
  const found = accounts.find(
    ({ id: accountId, name }) => account === name || account === accountId,
  );
  return { accountId: found?.id ?? id<AccountId>(account) };
}

export interface WorkflowView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly isProtective: boolean;
  readonly isUrgent: boolean;
  readonly position: string | null;
  readonly submittedAt: string;
  readonly finishedAt: string | null;
  readonly tookMs: number | null;
  readonly ageMs: number;
}

export function workflowView(workflow: WorkflowRow, nowMs: number): WorkflowView {
  return {
    id: workflow.id,
    name: workflow.name,
    state: workflow.state,
    reason: workflow.reason ?? null,
    isProtective: workflow.isProtective,
    isUrgent: workflow.isUrgent,
    position: workflow.positionId ?? null,
    submittedAt: formatInstant(workflow.submittedAtMs),
    finishedAt: workflow.finishedAtMs === undefined ? null : formatInstant(workflow.finishedAtMs),
    tookMs: spanMs(workflow.submittedAtMs, workflow.finishedAtMs),
    ageMs: Math.max(0, nowMs - workflow.submittedAtMs),
  };
}

export const WORKFLOWS_VIEW: ReadingView<WorkflowView> = {
  columns: [
    { header: 'WORKFLOW', value: ({ name }) => name },
    { header: 'STATE', value: ({ state }) => state },
    { header: 'TOOK MS', value: ({ tookMs }) => tookMs?.toFixed(0) ?? '', align: 'right' },
    { header: 'AGE', value: ({ ageMs }) => formatAge(ageMs), align: 'right' },
    { header: 'REASON', value: ({ reason }) => reason ?? '' },
    { header: 'POSITION', value: ({ position }) => position ?? '', isWide: true },
    { header: 'ID', value: ({ id }) => id, isWide: true },
  ],
  whenEmpty: 'no workflows yet',
  key: ({ id }) => id,
  read: async ({ reader, nowMs, limit, filter = {} }) => {
    const { is, name, olderThanMs } = filter;
    const workflows = await reader.store.steps.listWorkflows({
      limit,
      ...(is === undefined ? {} : { state: is as WorkflowRow['state'] }),
      ...(name === undefined ? {} : { name }),
      ...(await accountFilter(reader, filter)),
      ...(olderThanMs === undefined ? {} : { submittedBeforeMs: nowMs - olderThanMs }),
    });
    const waits = await readEngineWaits(reader.store, reader.queueTrouble);
    return workflows.map((workflow) => ({
      ...workflowView(workflow, nowMs),
      reason: waits.reasonOfWorkflow(workflow) ?? null,
    }));
  },
};
