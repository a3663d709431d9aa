/**
 * How a developer writes durable work.
 *
 *   workflow  one unit of durable work: a tree of blocks of steps
 *   block     steps that belong together; equal index runs in parallel, the next index waits
 *   step      one row: a handler's name and version, arguments, a state
 *   lane      the queue, and so the workers and the egress address, that a step runs on
 *   outcome   what a handler returns; the only way in which a step changes state
 *
 * A definition (`defineStep`) is a value without dependencies, so that workflows can name it; its code
 * (`implementStep`) is bound to dependencies where a process is composed.
 */
import type { Static, TSchema } from 'typebox';

import type { Clock, Reason } from '#pkg/base';
import type { AccountId, BoxName, Lane, PositionId, StepId, WorkflowId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';

export interface RetryPolicy {
  /** Failures with `retry: 'backoff'` after which the step fails. */
  readonly attemptsMax: number;
  readonly baseMs: number;
  readonly capMs: number;
}

export interface StepDefinition<Arguments = unknown, Response = unknown> {
  /** Stored in every row: renaming one is a migration. Kebab-case, imperative. */
  readonly name: string;
  readonly version: number;
  readonly lane: Lane;
  readonly argumentsSchema: TSchema;
  readonly responseSchema: TSchema;
  readonly retry: RetryPolicy;
  /** A run is aborted after this time and counts as failed with back-off. */
  readonly timeoutMs: number;
  /** Only for inference; never set. */
  readonly types?: { readonly arguments: Arguments; readonly response: Response };
}

export const DEFAULT_RETRY: RetryPolicy = { attemptsMax: 8, baseMs: 500, capMs: 30_000 };
const DEFAULT_STEP_TIMEOUT_MS = 30_000;

/** Returns a definition whose arguments and response have the types of their schemas. */
export function defineStep<A extends TSchema, R extends TSchema>(options: {
  readonly name: string;
  readonly version?: number;
  readonly lane: Lane;
  readonly arguments: A;
  readonly response: R;
  readonly retry?: Partial<RetryPolicy>;
  readonly timeoutMs?: number;
}): StepDefinition<Static<A>, Static<R>> {
  return {
    name: options.name,
    version: options.version ?? 1,
    lane: options.lane,
    argumentsSchema: options.arguments,
    responseSchema: options.response,
    retry: { ...DEFAULT_RETRY, ...options.retry },
    timeoutMs: options.timeoutMs ?? DEFAULT_STEP_TIMEOUT_MS,
  };
}

/** What a handler returns. Deferring and confirming cost no attempt; only `failed` does. */
export type StepOutcome<Response> =
  | { readonly kind: 'completed'; readonly response: Response }
  /** Not needed; the workflow goes on. */
  | { readonly kind: 'skipped'; readonly reason: Reason; readonly message?: string }
  /** Ends the block quietly: no error, nothing after it runs, compensation does. */
  | { readonly kind: 'stopped'; readonly reason: Reason; readonly message?: string }
  /** Not ready yet, or a budget is spent: run again at `untilMs` (wall clock). */
  | { readonly kind: 'deferred'; readonly untilMs: number; readonly reason: Reason }
  /**
   * The deed is done and its response stored; whether it took hold is asked `afterMs` later. From now on only the handler's
   * `confirm` runs, also after a failure or a crash: it completes, asks again, or fails.
   */
  | { readonly kind: 'confirming'; readonly response: Response; readonly afterMs: number }
  /** Completes when its child block has; block and outcome commit together. */
  | { readonly kind: 'expanded'; readonly children: readonly PlannedStep[] }
  | { readonly kind: 'failed'; readonly error: Error; readonly retry: 'backoff' | 'never' };

export interface StepContext {
  readonly stepId: StepId;
  readonly workflowId: WorkflowId;
  readonly accountId: AccountId | undefined;
  readonly positionId: PositionId | undefined;
  /** 1 for the first run; deferrals and crashes do not raise it. */
  readonly attempt: number;
  /** Runs since the last deferral that a crash or a lost lease ended: whatever they did may have happened. */
  readonly crashCount: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted on shutdown, on time-out and when the step's lease is lost. Pass it to every call that waits. */
  readonly signal: AbortSignal;
  /** True while the lease holds on the monotonic clock; asked just before anything irreversible. */
  readonly isOwned: () => boolean;
  /** The stored response of an earlier step of this workflow, or undefined when it was skipped. */
  readonly responseOf: <R>(
    step: StepDefinition<never, R> | StepDefinition<unknown, R>,
  ) => R | undefined;
  /** The stored responses of all earlier steps of this kind, in the order of their rows; for parallel steps. */
  readonly responsesOf: <R>(
    step: StepDefinition<never, R> | StepDefinition<unknown, R>,
  ) => readonly R[];
  /**
   * Submits further work, durable. A repeat in another run of this step (crash, retry) submits nothing new.
   * Urgency, account and position are inherited unless `options` names them.
   */
  readonly submit: SubmitWorkflow;
  /**
   * Gives up `dedupeKey`, if this step's workflow was submitted with it. A step that looks at the world calls it just before it looks:
   * what changes afterwards is then submitted anew, and is not taken for something this look has seen.
   */
  readonly releaseKey: (dedupeKey: string) => Promise<void>;
}

export interface StepHandler {
  readonly definition: StepDefinition;
  run(context: StepContext, args: unknown): Promise<StepOutcome<unknown>>;
  confirm?(context: StepContext, args: unknown, response: unknown): Promise<StepOutcome<unknown>>;
}

/**
 * Binds code to a definition. Must be safe to run again from the top: a crash can follow any line.
 *
 * `confirm` runs in place of `run` once that has returned `confirming`, with the response that was stored then; that
 * response stays, whatever `confirm` completes with.
 */
export function implementStep<A, R>(
  definition: StepDefinition<A, R>,
  run: (context: StepContext, args: A) => Promise<StepOutcome<R>>,
  confirm?: (context: StepContext, args: A, response: R) => Promise<StepOutcome<R>>,
): StepHandler {
  return {
    definition,
    run: (context, args) => run(context, args as A),
    ...(confirm === undefined
      ? {}
      : { confirm: (context, args, response) => confirm(context, args as A, response as R) }),
  };
}

export interface PlannedStep {
  readonly definition: StepDefinition;
  readonly args: unknown;
  /** Starts at 1; equal runs in parallel. */
  readonly index: number;
  /** `compensation` wakes only when the block breaks, and then runs in its own order of index. */
  readonly role: 'default' | 'compensation';
  /** Only for the lane `own`; a child takes its parent's box unless it names one. */
  readonly box?: BoxName;
}

/** Plans one step of a block with arguments of the right type. */
export function planStep<A, R>(
  definition: StepDefinition<A, R>,
  args: A,
  options: {
    readonly index: number;
    readonly role?: PlannedStep['role'];
    readonly box?: BoxName;
  },
): PlannedStep {
  const { index, role = 'default', box } = options;
  return { definition, args, index, role, ...(box === undefined ? {} : { box }) };
}

export interface WorkflowDefinition<Arguments> {
  readonly name: string;
  /** Protective workflows run on through every pause and mode but `freeze`. */
  readonly isProtective: boolean;
  /** The list of steps, top to bottom. */
  readonly steps: (args: Arguments) => readonly PlannedStep[];
}

/** Returns `definition` with its argument type kept. */
export function defineWorkflow<A>(definition: WorkflowDefinition<A>): WorkflowDefinition<A> {
  return definition;
}

export interface SubmitOptions {
  /** At most one unfinished workflow has this key; a second submit returns the first one. */
  readonly dedupeKey?: string;
  /** At most one workflow ever has this key, finished or not; a second submit returns the first one. */
  readonly onceKey?: string;
  readonly isUrgent?: boolean;
  readonly accountId?: AccountId;
  readonly positionId?: PositionId;
}

export type Submission = {
  readonly kind: 'submitted' | 'duplicate';
  readonly workflowId: WorkflowId;
};

export type SubmitWorkflow = <A>(
  definition: WorkflowDefinition<A>,
  args: A,
  options?: SubmitOptions,
) => Promise<Submission>;
