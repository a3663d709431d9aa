import { assert, type Reason } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import type { StepEffect, StepRow, WorkflowTree } from '#pkg/store';
import { createDraft, type TreeDecision, type TreeDraft } from './draft.ts';
import { settleBlock } from './settle.ts';

/** How a run ended, ready to be written: payloads encoded, children planned, the next delay drawn. */
export type RunEnd =
  | { readonly kind: 'completed'; readonly response: string }
  | { readonly kind: 'skipped' | 'stopped'; readonly reason: Reason; readonly message?: string }
  | { readonly kind: 'deferred'; readonly untilMs: number; readonly reason: Reason }
  | { readonly kind: 'confirming'; readonly response: string; readonly afterMs: number }
  | { readonly kind: 'expanded'; readonly children: readonly StepRow[] }
  | {
      readonly kind: 'failed';
      readonly error: string;
      readonly reason?: Reason;
      /** Absent: failed for good. */
      readonly retry?: {
        readonly attemptsMax: number;
        readonly delayMs: number;
        /** The failure is none of the step's: no attempt is counted. */
        readonly isFree?: boolean;
      };
    }
  /** The worker leaves before the handler came to an end: another run, no attempt counted. */
  | { readonly kind: 'handedBack' };

export interface FinishTime {
  readonly nowMs: number;
  /** When the handler really began and ended, ms with fractions. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

export interface FinishOptions {
  /** Lets the worker go on with one step that this end made ready. */
  readonly claim?: {
    readonly workerId: string;
    readonly accepts: (step: StepRow) => boolean;
  };
}

/** A deferral to the past would spin. */
const DEFERRAL_MS_MIN = 10;

/** Returns what the end of a run changes: the step, its children, what follows in its block and above. */
export function finish(
  tree: WorkflowTree,
  stepId: StepId,
  end: RunEnd,
  time: FinishTime,
  options: FinishOptions = {},
): TreeDecision {
  const draft = createDraft(tree, { nowMs: time.nowMs, endedAtMs: time.endedAtMs });
  const step = draft.step(stepId);
  const run = {
    startedAtMs: time.startedAtMs,
    finishedAtMs: time.endedAtMs,
    workerId: undefined,
    runAfterMs: undefined,
    reason: undefined,
  };
  switch (end.kind) {
    case 'completed':
      draft.move(stepId, 'Completed', { ...run, response: step.response ?? end.response });
      break;
    case 'skipped':
    case 'stopped':
      draft.move(stepId, end.kind === 'skipped' ? 'Skipped' : 'Stopped', {
        ...run,
        reason: end.reason,
        error: end.message,
      });
      break;
    case 'deferred':
      draft.move(stepId, 'Deferred', {
        ...run,
        reason: end.reason,
        // It came to an end by itself: what killed earlier workers was not this step, or is over.
        crashes: 0,
        deferrals: step.deferrals + 1,
        runAfterMs: Math.max(Math.ceil(end.untilMs), Math.ceil(time.nowMs) + DEFERRAL_MS_MIN),
      });
      break;
    case 'confirming':
      draft.move(stepId, 'Confirming', {
        ...run,
        response: step.response ?? end.response,
        reason: 'AwaitingConfirmation',
        crashes: 0,
        deferrals: step.deferrals + 1,
        runAfterMs: Math.ceil(time.nowMs + Math.max(end.afterMs, DEFERRAL_MS_MIN)),
      });
      break;
    case 'expanded':
      draft.move(stepId, 'Expanded', { ...run, finishedAtMs: undefined });
      draft.insert(end.children);
      settleChildren(draft, end.children);
      break;
    case 'failed':
      failStep(draft, step, end, run);
      break;
    case 'handedBack':
      draft.move(stepId, 'HandedBack', { ...run, ...readyAgain(time.nowMs) });
      break;
  }
  // Of a part it is known that nothing follows.
  if (tree.isPart !== true) settleBlock(draft, step.blockId);
  if (options.claim !== undefined) claimNext(draft, options.claim, time.endedAtMs);
  return draft.decide();
}

/** Returns what an end does to the block of its step; in doubt it breaks it, which asks for more of the tree. */
export function effectOf(step: Pick<StepRow, 'attempts'>, end: RunEnd): StepEffect {
  switch (end.kind) {
    case 'completed':
    case 'skipped':
      return 'concludes';
    case 'stopped':
      return 'breaks';
    case 'failed':
      return end.retry !== undefined && step.attempts + 1 < end.retry.attemptsMax
        ? 'stays'
        : 'breaks';
    case 'deferred':
    case 'confirming':
    case 'expanded':
    case 'handedBack':
      return 'stays';
  }
}

function settleChildren(draft: TreeDraft, children: readonly StepRow[]): void {
  const [first] = children;
  assert(first !== undefined, 'a step expands into at least one child.');
  settleBlock(draft, first.blockId);
}

function failStep(
  draft: TreeDraft,
  step: StepRow,
  end: Extract<RunEnd, { kind: 'failed' }>,
  run: Partial<StepRow>,
): void {
  const attempts = step.attempts + (end.retry?.isFree === true ? 0 : 1);
  const failure = { ...run, attempts, error: end.error, reason: end.reason };
  if (end.retry !== undefined && attempts < end.retry.attemptsMax) {
    const runAfterMs = Math.ceil(draft.time.nowMs + end.retry.delayMs);
    draft.move(step.id, 'Retried', { ...failure, runAfterMs });
    return;
  }
  const reason = end.reason ?? (end.retry === undefined ? undefined : 'AttemptsSpent');
  draft.move(step.id, 'Failed', { ...failure, reason });
}

function claimNext(
  draft: TreeDraft,
  claim: NonNullable<FinishOptions['claim']>,
  endedAtMs: number,
): void {
  const next = draft.decide().value.ready.find((step) => claim.accepts(step));
  if (next === undefined) return;
  draft.move(next.id, 'Claimed', {
    workerId: claim.workerId,
    epoch: next.epoch + 1,
    startedAtMs: endedAtMs,
    finishedAtMs: undefined,
  });
}

/** Fields of a step that goes back to its lane after a delay, a crash or a hand-back: no hop is measured from these. */
export function readyAgain(
  nowMs: number,
): Pick<StepRow, 'readyAtMs' | 'predecessorEndedAtMs' | 'runAfterMs' | 'workerId'> {
  return {
    readyAtMs: nowMs,
    predecessorEndedAtMs: undefined,
    runAfterMs: undefined,
    workerId: undefined,
  };
}
