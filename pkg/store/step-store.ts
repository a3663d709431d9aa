/**
 * The rows of the step engine.
 *
 * One mechanism for every change of a workflow: `transact` locks the workflow's row, hands the whole tree to
 * a pure function, and commits what that function returns. So promotion, failure, compensation, waking,
 * recovery and operators' commands are pure code that both adapters share.
 */
import type { AccountId, BoxName, Lane, PositionId, StepId, WorkflowId } from '#pkg/domain';
import type { Reason } from '#pkg/base';
import type { LeaseFence } from './lease-store.ts';

/**
 *   waiting    an earlier index has not concluded, or its parent has not expanded
 *   parked     a compensation step of a block that is not broken
 *   ready      may be taken by a worker; its job is in the lane's queue
 *   delayed    ready at `runAfterMs`
 *   running    a worker holds its lease
 *   expanded   its child block runs
 *   completed, skipped            concluded: the next index may go
 *   stopped, failed, canceled     ended otherwise
 */
export type StepState =
  | 'waiting'
  | 'parked'
  | 'ready'
  | 'delayed'
  | 'running'
  | 'expanded'
  | 'completed'
  | 'skipped'
  | 'stopped'
  | 'failed'
  | 'canceled';

/** `submitted` waits for admission by the dispatcher; `rescued` broke and its compensation ran through. */
export type WorkflowState =
  | 'submitted'
  | 'running'
  | 'completed'
  | 'stopped'
  | 'rescued'
  | 'failed'
  | 'canceled';

export interface WorkflowRow {
  readonly id: WorkflowId;
  readonly name: string;
  readonly state: WorkflowState;
  readonly isProtective: boolean;
  readonly isUrgent: boolean;
  readonly dedupeKey: string | undefined;
  readonly accountId: AccountId | undefined;
  readonly positionId: PositionId | undefined;
  readonly reason: Reason | undefined;
  readonly submittedAtMs: number;
  readonly admittedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
}

export interface StepRow {
  readonly id: StepId;
  readonly workflowId: WorkflowId;
  readonly blockId: string;
  /** The step whose child block this row stands in. */
  readonly parentStepId: StepId | undefined;
  readonly index: number;
  readonly role: 'default' | 'compensation';
  readonly name: string;
  readonly version: number;
  readonly lane: Lane;
  /** Only for the lane `own`. */
  readonly box: BoxName | undefined;
  readonly state: StepState;
  readonly isUrgent: boolean;
  /** JSON text. */
  readonly args: string;
  /** JSON text; the first stored response stays. */
  readonly response: string | undefined;
  readonly attempts: number;
  readonly crashes: number;
  readonly deferrals: number;
  readonly runAfterMs: number | undefined;
  /** Worker that holds the lease while running. */
  readonly workerId: string | undefined;
  /** Grows with each claim; a writer with an older epoch changes nothing. */
  readonly epoch: number;
  readonly reason: Reason | undefined;
  readonly error: string | undefined;
  readonly createdAtMs: number;
  readonly readyAtMs: number | undefined;
  /** When the handler that made this step ready ended, ms with fractions; hop = startedAt − this. */
  readonly predecessorEndedAtMs: number | undefined;
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
}

/** A workflow with all its steps, as locked by `transact`. */
export interface WorkflowTree {
  readonly workflow: WorkflowRow;
  readonly steps: readonly StepRow[];
  /** Steps are left out, so that nothing may be concluded from what is not there. */
  readonly isPart?: true;
}

/** What a pure decision wants written. */
export interface TreeChange {
  readonly workflow?: Partial<Omit<WorkflowRow, 'id'>>;
  readonly updates?: readonly (Partial<Omit<StepRow, 'workflowId'>> & { readonly id: StepId })[];
  readonly inserts?: readonly StepRow[];
}

export interface StepFence {
  readonly stepId: StepId;
  readonly workerId: string;
  readonly epoch: number;
  /**
   * What the change will do to the step's block: the step `stays` on its way, `concludes`, or `breaks` it. With it, the
   * store may hand over a part of a wide tree that leads to the same decision as the whole; see {@link findPart}.
   */
  readonly effect?: StepEffect;
}

export type StepEffect = 'stays' | 'concludes' | 'breaks';

export interface NewWorkflow {
  readonly workflow: WorkflowRow;
  readonly steps: readonly StepRow[];
}

export interface StepStore {
  /**
   * Inserts workflow and first block together. A dedupe key that an unfinished workflow has returns that one,
   * and an id that exists returns itself, so a repeated submit is safe.
   */
  submit(
    workflow: NewWorkflow,
  ): Promise<{ readonly kind: 'submitted' | 'duplicate'; readonly workflowId: WorkflowId }>;
  /**
   * Locks the workflow, calls `decide` with its tree, commits what it returns. With a fence, nothing happens
   * unless that worker still runs that step in that epoch; with a lease, unless it is held. `decide` may run twice
   * (deadlock) and must be pure.
   */
  transact<T>(
    workflowId: WorkflowId,
    options: { readonly fence?: StepFence; readonly lease?: LeaseFence },
    decide: (tree: WorkflowTree) => { readonly change: TreeChange; readonly value: T },
  ): Promise<
    | { readonly kind: 'committed'; readonly value: T }
    | { readonly kind: 'fenced' }
    | { readonly kind: 'missing' }
  >;
  /** Takes `dedupeKey` off the workflow if it has it: the next submit with it is a new workflow. Safe to repeat. */
  releaseKey(workflowId: WorkflowId, dedupeKey: string): Promise<void>;
  /** ready → running under a new epoch, if it is still ready and `known` lists its handler and version. */
  claim(
    stepId: StepId,
    claim: {
      readonly workerId: string;
      readonly startedAtMs: number;
      readonly known: ReadonlySet<string>;
    },
  ): Promise<
    /**
     * `tree` is the workflow as it stood at the claim, with every stored response; of a wide one without the steps
     * beside and after the claimed one in its block.
     */
    | { readonly kind: 'claimed'; readonly step: StepRow; readonly tree: WorkflowTree }
    | { readonly kind: 'gone' }
    /** Another release must take it. */
    | { readonly kind: 'unknown-handler'; readonly step: StepRow }
  >;
  /** Archived workflows too. */
  findTree(workflowId: WorkflowId): Promise<WorkflowTree | undefined>;
  /** Moves at most `limit` workflows that ended before then to the archive; returns how many, and none without the lease. */
  archive(options: EndedWorkflows): Promise<number>;
  /** Removes at most `limit` archived workflows that ended before then, for good; returns how many, and none without the lease. */
  purge(options: EndedWorkflows): Promise<number>;
  /**
   * Submitted workflows: protective ones first, then urgent ones, then in order of submission. `isHeld` chooses those that
   * carry a reason, which waits for `listHeld`, or those that carry none.
   */
  listSubmitted(
    limit: number,
    filter?: { readonly isProtective?: boolean; readonly isHeld?: boolean },
  ): Promise<readonly WorkflowRow[]>;
  /** Submitted workflows that carry a reason, by id, after `after`. */
  listHeld(limit: number, after?: WorkflowId): Promise<readonly WorkflowRow[]>;
  /** Delayed steps by wake time, earliest first. */
  listDelayed(limit: number): Promise<readonly StepRow[]>;
  /** Ready steps, oldest first, made ready before `readyBeforeMs`. */
  listReady(options: {
    readonly readyBeforeMs: number;
    readonly limit: number;
    readonly after?: StepId;
  }): Promise<readonly StepRow[]>;
  /** Running steps whose worker has no live heartbeat by the database's clock. */
  listAbandoned(limit: number): Promise<{
    readonly steps: readonly StepRow[];
    /** Until the first heartbeat that lives now would end, if it is not renewed. */
    readonly nextExpiryInMs: number | undefined;
  }>;
  /** Newest first. */
  listSteps(filter: StepFilter): Promise<readonly StepRow[]>;
  /** Newest first. */
  listWorkflows(filter: {
    readonly state?: WorkflowState;
    readonly dedupeKey?: string;
    readonly name?: string;
    readonly accountId?: AccountId;
    readonly submittedBeforeMs?: number;
    readonly limit: number;
  }): Promise<readonly WorkflowRow[]>;
  /** Workflows about one position, archived ones too; the newest `limit`, oldest first. */
  listOfPosition(positionId: PositionId, limit: number): Promise<readonly WorkflowRow[]>;
  /** Steps by lane and state, of unfinished workflows. */
  countByLane(): Promise<
    readonly {
      readonly lane: Lane;
      readonly box: BoxName | undefined;
      readonly state: StepState;
      readonly count: number;
      /** When the oldest of them became ready last; of steps in the state `ready`. */
      readonly oldestReadyAtMs?: number | undefined;
    }[]
  >;
  /** Start and end of every run since `sinceMs`, for the summary's hop figures. */
  listRuns(sinceMs: number): Promise<readonly StepRun[]>;
}

export interface EndedWorkflows {
  readonly endedBeforeMs: number;
  readonly limit: number;
  readonly lease?: LeaseFence;
}

export interface StepFilter {
  readonly state?: StepState;
  readonly name?: string;
  readonly workflowId?: WorkflowId;
  readonly workerId?: string;
  readonly id?: StepId;
  readonly accountId?: AccountId;
  readonly createdBeforeMs?: number;
  readonly limit: number;
}

/** Times in ms with fractions. */
export interface StepRun {
  readonly predecessorEndedAtMs: number | undefined;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
}
