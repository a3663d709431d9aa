/** One run of a handler: context, deadline, and its outcome made ready to be written. */
import { backoffDelayMs, toError, type Clock, type IdMaker, type Random } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import { StoreUnavailableError, storeTrouble, type StepRow, type WorkflowTree } from '#pkg/store';
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
  /** Handlers of this release: children name no other. */
  readonly known: ReadonlySet<string>;
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
/** Nothing that a step waits for is further away: a later instant is a mistake of units. */
const DELAY_MS_MAX = 31 * 86_400_000;

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
  const cause = causeOf(run.abort.signal);
  // Aborted before it began: nothing happened yet, and nothing should.
  if (cause !== undefined) return { kind: cause === 'shutdown' ? 'handedBack' : 'dropped' };
  const cancelDeadline = clock.schedule(definition.timeoutMs, () => abortRun(run, 'timeout'));
  try {
    return await Promise.race([runHandler(run, dependencies), givenUp(run, dependencies)]);
  } finally {
    cancelDeadline();
  }
}

async function runHandler(run: Run, dependencies: RunDependencies): Promise<RunResult> {
  try {
    const outcome: unknown = await callHandler(run, dependencies);
    return isOutcome(outcome)
      ? conclude(run, outcome, dependencies)
      : refused(run, 'it returned no outcome');
  } catch (thrown) {
    const cause = causeOf(run.abort.signal);
    if (cause === 'shutdown') return { kind: 'handedBack' };
    if (cause !== undefined) return endOfAborted(run, cause, dependencies);
    const end = failed(
      run,
      toError(thrown),
      !(thrown instanceof WorkflowDefinitionError),
      dependencies,
    );
    // Whatever it wanted to write is not the step's fault; and a deferral would begin its submissions anew.
    return thrown instanceof StoreUnavailableError && end.retry !== undefined
      ? { ...end, reason: storeTrouble(thrown), retry: { ...end.retry, isFree: true } }
      : end;
  }
}

function callHandler(run: Run, dependencies: RunDependencies): Promise<StepOutcome<unknown>> {
  const { step, handler } = run;
  const args: unknown = JSON.parse(step.args);
  const context = contextOf(run, dependencies);
  if (step.response === undefined || handler.confirm === undefined) {
    return handler.run(context, args);
  }
  return handler.confirm(context, args, JSON.parse(step.response) as unknown);
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
      return refused(run, `its response ${response.problem}`);
    }
    case 'skipped':
    case 'stopped':
      return outcome;
    case 'deferred':
      return isNear(outcome.untilMs - dependencies.clock.nowMs())
        ? outcome
        : refused(
            run,
            `it deferred until ${outcome.untilMs}, which is no instant of the next 31 days`,
          );
    case 'confirming':
      return confirming(run, outcome);
    case 'expanded':
      return {
        kind: 'expanded',
        children: planBlock(outcome.children, {
          workflowName: run.tree.workflow.name,
          workflowId: run.step.workflowId,
          isUrgent: run.step.isUrgent,
          nowMs: dependencies.clock.nowMs(),
          makeId: dependencies.makeId,
          known: dependencies.known,
          parent: { step: run.step, depth: blockDepthOf(run.step, run.tree.steps) },
        }),
      };
    case 'failed':
      return failed(run, outcome.error, outcome.retry === 'backoff', dependencies);
    default:
      return refused(run, 'it returned an unknown outcome');
  }
}

/** What a handler returns is checked by its types only, so that anything may come. */
function isOutcome(value: unknown): value is StepOutcome<unknown> {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

function confirming(
  run: Run,
  { response, afterMs }: Extract<StepOutcome<unknown>, { kind: 'confirming' }>,
): RunResult {
  const { definition } = run.handler;
  if (run.handler.confirm === undefined)
    return refused(run, 'it asks for a confirmation and has no `confirm`');
  if (!isNear(afterMs)) return refused(run, `it confirms after ${afterMs} ms, more than 31 days`);
  const encoded = encodePayload(definition.responseSchema, response);
  return encoded.kind === 'encoded'
    ? { kind: 'confirming', response: encoded.json, afterMs }
    : refused(run, `its response ${encoded.problem}`);
}

function isNear(delayMs: number): boolean {
  return Number.isFinite(delayMs) && delayMs <= DELAY_MS_MAX;
}

/** An outcome that no repeat would better: the handler is written wrongly. */
function refused(run: Run, problem: string): RunResult {
  return { kind: 'failed', error: describeError(new StepOutcomeError(run.step.name, problem)) };
}

/** A handler returned what the engine cannot act by. Change the handler. */
class StepOutcomeError extends Error {
  override readonly name = 'StepOutcomeError';

  constructor(step: string, problem: string) {
    super(`step ${step}: ${problem}`);
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
