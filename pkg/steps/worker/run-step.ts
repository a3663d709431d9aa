/** One run of a handler: context, deadline, and its outcome made ready to be written. */
import {
  backoffDelayMs,
  toError,
  unreachable,
  type Clock,
  type IdMaker,
  type Random,
} from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { StepRow, WorkflowTree } from '#pkg/store';
import type {
  StepContext,
  StepDefinition,
  StepHandler,
  StepOutcome,
  SubmitWorkflow,
} from '../definition.ts';
import { WorkflowDefinitionError } from '../errors.ts';
import { encodePayload } from '../payload.ts';
import { blockDepthOf, planBlock } from '../plan-rows.ts';
import type { RunEnd } from '../tree/index.ts';

export interface RunDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly makeId: IdMaker;
  readonly logger: Logger;
}

/** One claimed step under way. */
export interface Run {
  readonly step: StepRow;
  readonly tree: WorkflowTree;
  readonly handler: StepHandler;
  readonly submit: SubmitWorkflow;
  readonly releaseKey: StepContext['releaseKey'];
  /** Aborted with a reason of {@link AbortCause}. */
  readonly abort: AbortController;
  readonly isOwned: () => boolean;
}

/** Why a run was aborted; the signal's reason carries it as its name. */
export type AbortCause = 'timeout' | 'shutdown' | 'leaseLost';

/** `dropped`: nothing may be written, another run takes over. */
export type RunResult = RunEnd | { readonly kind: 'dropped' };

const ERROR_TEXT_MAX = 2_000;

/** Aborts the run; the handler sees a DOMException-like AbortError with the cause in its message. */
export function abortRun(run: Run, cause: AbortCause): void {
  if (run.abort.signal.aborted) return;
  run.abort.abort(new RunAbortedError(cause));
}

class RunAbortedError extends Error {
  override readonly name = 'AbortError';
  readonly abortCause: AbortCause;

  constructor(abortCause: AbortCause) {
    super(`the run was aborted: ${abortCause}`);
    this.abortCause = abortCause;
  }
}

/** Runs the handler to its end or to its deadline, whichever comes first. Never rejects. */
export async function runStep(run: Run, dependencies: RunDependencies): Promise<RunResult> {
  const { clock } = dependencies;
  const { definition } = run.handler;
  const cancelDeadline = clock.schedule(definition.timeoutMs, () => abortRun(run, 'timeout'));
  try {
    return await Promise.race([runHandler(run, dependencies), givenUp(run, dependencies)]);
  } finally {
    cancelDeadline();
  }
}

async function runHandler(run: Run, dependencies: RunDependencies): Promise<RunResult> {
  try {
    const args: unknown = JSON.parse(run.step.args);
    const outcome = await run.handler.run(contextOf(run, dependencies), args);
    return conclude(run, outcome, dependencies);
  } catch (thrown) {
    const cause = causeOf(run.abort.signal);
    if (cause === 'shutdown') return { kind: 'handedBack' };
    if (cause !== undefined) return endOfAborted(run, cause, dependencies);
    return failed(run, toError(thrown), !(thrown instanceof WorkflowDefinitionError), dependencies);
  }
}

/** Resolves when the handler does not answer to its abort signal in time. */
async function givenUp(run: Run, dependencies: RunDependencies): Promise<RunResult> {
  const { signal } = run.abort;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const cause = causeOf(signal) ?? 'leaseLost';
  if (cause !== 'leaseLost') await dependencies.clock.sleep(ABORT_GRACE_MS);
  return endOfAborted(run, cause, dependencies);
}

/** How long a handler may take to answer to its abort signal before the slot goes on without it. */
export const ABORT_GRACE_MS = 1_000;

function endOfAborted(run: Run, cause: AbortCause, dependencies: RunDependencies): RunResult {
  if (cause !== 'timeout') return { kind: 'dropped' };
  const { definition } = run.handler;
  const error = new Error(`the run took longer than ${definition.timeoutMs} ms`);
  return { ...failed(run, error, true, dependencies), reason: 'StepTimedOut' };
}

function causeOf(signal: AbortSignal): AbortCause | undefined {
  if (!signal.aborted) return undefined;
  return signal.reason instanceof RunAbortedError ? signal.reason.abortCause : 'leaseLost';
}

function conclude(
  run: Run,
  outcome: StepOutcome<unknown>,
  dependencies: RunDependencies,
): RunResult {
  switch (outcome.kind) {
    case 'completed': {
      const response = encodePayload(run.handler.definition.responseSchema, outcome.response);
      if (response.kind === 'encoded') return { kind: 'completed', response: response.json };
      return failed(run, new Error(`its response ${response.problem}`), false, dependencies);
    }
    case 'skipped':
    case 'stopped':
    case 'deferred':
      return outcome;
    case 'expanded':
      return {
        kind: 'expanded',
        children: planBlock(outcome.children, {
          workflowName: run.tree.workflow.name,
          workflowId: run.step.workflowId,
          isUrgent: run.step.isUrgent,
          nowMs: dependencies.clock.nowMs(),
          makeId: dependencies.makeId,
          parent: { step: run.step, depth: blockDepthOf(run.step, run.tree.steps) },
        }),
      };
    case 'failed':
      return failed(run, outcome.error, outcome.retry === 'backoff', dependencies);
    default:
      return unreachable(outcome);
  }
}

function failed(
  run: Run,
  error: Error,
  isRetried: boolean,
  dependencies: RunDependencies,
): Extract<RunEnd, { kind: 'failed' }> {
  const { retry } = run.handler.definition;
  const text = describeError(error);
  if (!isRetried) return { kind: 'failed', error: text };
  const delayMs = backoffDelayMs(run.step.attempts + 1, retry, dependencies.random);
  return { kind: 'failed', error: text, retry: { attemptsMax: retry.attemptsMax, delayMs } };
}

function describeError(error: Error): string {
  const parts: string[] = [];
  let current: unknown = error;
  while (current instanceof Error && parts.length < 5) {
    parts.push(`${current.name}: ${current.message}`);
    current = current.cause;
  }
  return parts.join(' ← ').slice(0, ERROR_TEXT_MAX);
}

function contextOf(run: Run, dependencies: RunDependencies): StepContext {
  const { step, tree } = run;
  const { workflow } = tree;
  return {
    stepId: step.id,
    workflowId: workflow.id,
    accountId: workflow.accountId,
    positionId: workflow.positionId,
    attempt: step.attempts + 1,
    crashCount: step.crashes,
    clock: dependencies.clock,
    logger: dependencies.logger.child({
      workflow: workflow.id,
      step: step.id,
      handler: step.name,
      ...(workflow.accountId === undefined ? {} : { account: workflow.accountId }),
      ...(workflow.positionId === undefined ? {} : { position: workflow.positionId }),
    }),
    signal: run.abort.signal,
    isOwned: run.isOwned,
    responseOf: <R>(definition: StepDefinition<never, R> | StepDefinition<unknown, R>) => {
      const rows = respondedRows(tree, definition.name);
      const near = rows.findLast((row) => row.blockId === step.blockId) ?? rows.at(-1);
      return near?.response === undefined ? undefined : (JSON.parse(near.response) as R);
    },
    responsesOf: <R>(definition: StepDefinition<never, R> | StepDefinition<unknown, R>) =>
      respondedRows(tree, definition.name)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map((row) => JSON.parse(row.response ?? 'null') as R),
    submit: run.submit,
    releaseKey: run.releaseKey,
  };
}

function respondedRows(tree: WorkflowTree, name: string): readonly StepRow[] {
  return tree.steps
    .filter((row) => row.name === name && row.state === 'completed' && row.response !== undefined)
    .toSorted((a, b) => (a.finishedAtMs ?? 0) - (b.finishedAtMs ?? 0));
}
