/**
 * Runs workflows in one thread on a manual clock, by the rules of the engine and without its tables.
 *
 * For tests of handlers: a deferral moves the clock, a crash runs the step again from the top with a higher
 * `crashCount`, a submit with a key finds the unfinished workflow of that key.
 */
import type { ManualClock } from '#pkg/base';
import { id, type StepId, type WorkflowId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import type {
  PlannedStep,
  StepContext,
  StepDefinition,
  StepHandler,
  StepOutcome,
  Submission,
  SubmitOptions,
  SubmitWorkflow,
  WorkflowDefinition,
} from '#pkg/steps';
import { StoreUnavailableError, type WorkflowTree } from '#pkg/store';

/** The process dies at this line: nothing after it runs, nothing catches it. */
export class CrashError extends Error {}

interface Node {
  readonly id: StepId;
  readonly planned: PlannedStep;
  readonly siblings: Node[];
  state: 'waiting' | 'expanded' | 'completed' | 'skipped' | 'stopped' | 'failed';
  attempts: number;
  crashes: number;
  runAfterMs: number;
  response: unknown;
  children: Node[];
  error: Error | undefined;
}

interface Run {
  readonly workflowId: WorkflowId;
  readonly name: string;
  readonly options: SubmitOptions;
  readonly steps: Node[];
  isKeyReleased: boolean;
}

export interface RunSummary {
  readonly name: string;
  readonly isFinished: boolean;
  readonly isBroken: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly state: string;
    readonly crashes: number;
  }[];
  readonly errors: readonly string[];
}

export interface StepRunner {
  readonly submit: SubmitWorkflow;
  /** Runs all that is ready or becomes ready before `untilMs` (default: 10 minutes from now). */
  settle(options?: { readonly forMs?: number }): Promise<void>;
  readonly summaries: () => readonly RunSummary[];
  /** What the newest completed step of this name answered. */
  responseOf(name: string): unknown;
  /** Stands for the step table where a handler asks whether a workflow still runs. */
  findTree(workflowId: WorkflowId): Promise<WorkflowTree | undefined>;
}

const STEPS_MAX = 5_000;
const SETTLE_MS = 600_000;

export function createStepRunner(options: {
  readonly clock: ManualClock;
  readonly handlers: () => readonly StepHandler[];
  /** Milliseconds that each run takes. */
  readonly stepMs?: number;
}): StepRunner {
  const { clock } = options;
  const runs: Run[] = [];
  let sequence = 0;
  const nextId = (kind: string): string => `${kind}-${String((sequence += 1)).padStart(4, '0')}`;

  const toNodes = (planned: readonly PlannedStep[]): Node[] => {
    const nodes: Node[] = [];
    for (const step of planned) {
      nodes.push({
        id: id<StepId>(nextId('step')),
        planned: step,
        siblings: nodes,
        state: 'waiting',
        attempts: 0,
        crashes: 0,
        runAfterMs: 0,
        response: undefined,
        children: [],
        error: undefined,
      });
    }
    return nodes;
  };

  const submit = async <A>(
    definition: WorkflowDefinition<A>,
    args: A,
    submitOptions: SubmitOptions = {},
  ): Promise<Submission> => {
    const { dedupeKey, onceKey } = submitOptions;
    const standing = runs.find(
      (run) =>
        (dedupeKey !== undefined &&
          run.options.dedupeKey === dedupeKey &&
          !run.isKeyReleased &&
          !isFinished(run)) ||
        (onceKey !== undefined && run.options.onceKey === onceKey),
    );
    if (standing !== undefined) return { kind: 'duplicate', workflowId: standing.workflowId };
    const workflowId = id<WorkflowId>(nextId('workflow'));
    const steps = toNodes(definition.steps(args));
    runs.push({
      workflowId,
      name: definition.name,
      options: submitOptions,
      steps,
      isKeyReleased: false,
    });
    return { kind: 'submitted', workflowId };
  };

  const runStep = async (run: Run, node: Node): Promise<void> => {
    const { definition, args } = node.planned;
    const handler = options.handlers().find((other) => other.definition.name === definition.name);
    if (handler === undefined) throw new Error(`no handler for ${definition.name}`);
    const context: StepContext = {
      stepId: node.id,
      workflowId: run.workflowId,
      accountId: run.options.accountId,
      positionId: run.options.positionId,
      attempt: node.attempts + 1,
      crashCount: node.crashes,
      clock,
      logger: createSilentLogger(),
      signal: new AbortController().signal,
      isOwned: () => true,
      responsesOf: <R>(wanted: StepDefinition<never, R> | StepDefinition<unknown, R>) =>
        allNodes(run.steps)
          .filter((other) => other.planned.definition.name === wanted.name)
          .map((other) => other.response as R),
      responseOf: <R>(wanted: StepDefinition<never, R> | StepDefinition<unknown, R>) =>
        allNodes(run.steps).find(
          (other) => other.planned.definition.name === wanted.name && other.state === 'completed',
        )?.response as R | undefined,
      submit,
      releaseKey: (dedupeKey) => {
        run.isKeyReleased ||= run.options.dedupeKey === dedupeKey;
        return Promise.resolve();
      },
    };
    let outcome: StepOutcome<unknown>;
    try {
      outcome = await handler.run(context, args);
    } catch (error) {
      if (error instanceof CrashError) {
        node.crashes += 1;
        return;
      }
      // As the engine does: the database being away costs no attempt.
      outcome =
        error instanceof StoreUnavailableError
          ? { kind: 'deferred', untilMs: clock.nowMs() + 200, reason: 'DatabaseUnreachable' }
          : { kind: 'failed', error: error as Error, retry: 'backoff' };
    }
    apply(node, outcome);
    clock.advance(options.stepMs ?? 1);
  };

  const apply = (node: Node, outcome: StepOutcome<unknown>): void => {
    switch (outcome.kind) {
      case 'completed':
        node.state = 'completed';
        node.response = outcome.response;
        return;
      case 'skipped':
        node.state = 'skipped';
        return;
      case 'stopped':
        node.state = 'stopped';
        node.error = new Error(`${outcome.reason}: ${outcome.message ?? ''}`);
        return;
      case 'deferred':
        node.runAfterMs = outcome.untilMs;
        return;
      case 'confirming':
        throw new Error('no step of the trade confirms; teach this runner when one does');
      case 'expanded':
        node.state = 'expanded';
        node.children = toNodes(outcome.children);
        return;
      case 'failed': {
        node.error = outcome.error;
        node.attempts += 1;
        const { attemptsMax, baseMs, capMs } = node.planned.definition.retry;
        if (outcome.retry === 'never' || node.attempts >= attemptsMax) node.state = 'failed';
        else node.runAfterMs = clock.nowMs() + Math.min(capMs, baseMs * 2 ** node.attempts);
      }
    }
  };

  return {
    submit,
    settle: async ({ forMs = SETTLE_MS } = {}) => {
      const untilMs = clock.nowMs() + forMs;
      for (let count = 0; count < STEPS_MAX; count += 1) {
        const ready = runs.flatMap((run) => readyNodes(run.steps).map((node) => ({ run, node })));
        const next = ready.toSorted((a, b) => a.node.runAfterMs - b.node.runAfterMs)[0];
        if (next === undefined || next.node.runAfterMs > untilMs) return;
        const waitMs = next.node.runAfterMs - clock.nowMs();
        if (waitMs > 0) clock.advance(waitMs);
        await runStep(next.run, next.node);
      }
      throw new Error(`the workflows did not settle within ${STEPS_MAX} runs of a step`);
    },
    summaries: () => runs.map(summarize),
    responseOf: (name) =>
      runs
        .flatMap((run) => allNodes(run.steps))
        .findLast((node) => node.planned.definition.name === name && node.state === 'completed')
        ?.response,
    findTree: async (workflowId) => {
      const run = runs.find((other) => other.workflowId === workflowId);
      if (run === undefined) return undefined;
      const state = isFinished(run) ? 'completed' : 'running';
      return { workflow: { id: workflowId, state }, steps: [] } as unknown as WorkflowTree;
    },
  };
}

function summarize(run: Run): RunSummary {
  const nodes = allNodes(run.steps);
  return {
    name: run.name,
    isFinished: isFinished(run),
    isBroken: run.steps.some(isBroken),
    steps: nodes.map((node) => ({
      name: node.planned.definition.name,
      state: node.state,
      crashes: node.crashes,
    })),
    errors: nodes.flatMap((node) => (node.error === undefined ? [] : [node.error.message])),
  };
}

function allNodes(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => [node, ...allNodes(node.children)]);
}

/** An expanded step is as far as its children. */
function settleExpanded(node: Node): void {
  if (node.state !== 'expanded') return;
  if (node.children.some(isBroken)) node.state = 'failed';
  else if (node.children.every(isConcluded)) node.state = 'completed';
}

function isConcluded(node: Node): boolean {
  settleExpanded(node);
  return node.state === 'completed' || node.state === 'skipped';
}

function isBroken(node: Node): boolean {
  settleExpanded(node);
  return node.state === 'failed' || node.state === 'stopped';
}

function readyNodes(block: readonly Node[]): readonly Node[] {
  const defaults = block.filter((node) => node.planned.role === 'default');
  const compensations = block.filter((node) => node.planned.role === 'compensation');
  const active = defaults.some(isBroken)
    ? [...defaults.filter((node) => node.state === 'expanded'), ...compensations]
    : defaults;
  for (const node of active) settleExpanded(node);
  const open = active.filter((node) => !isConcluded(node) && !isBroken(node));
  if (active === defaults ? false : compensations.some(isBroken)) return [];
  const index = Math.min(...open.map((node) => node.planned.index));
  return open
    .filter((node) => node.planned.index === index)
    .flatMap((node) => (node.state === 'expanded' ? readyNodes(node.children) : [node]));
}

function isFinished(run: Run): boolean {
  return readyNodes(run.steps).length === 0;
}
