import type { ManualClock } from '#pkg/base';
import type { StepId, WorkflowId } from '#pkg/domain';
import { implementStep, type StepContext, type StepHandler, type StepOutcome } from '#pkg/steps';
import type { StepStore } from '#pkg/store';
import type { Life } from './life.ts';
import { ACTS, following, followUp, planScripts, type Script } from './scripts.ts';

/** What the world outside the engine saw: it outlives every process. */
export interface Ledger {
  /** When a script is due that defers, by step. */
  readonly dueAtMs: Map<StepId, number>;
  /** What steps did while they were told that they own their rows. */
  readonly effects: { readonly step: StepId; readonly what: string }[];
  /** A promise of the engine that did not hold. */
  readonly violations: string[];
}

export function createLedger(): Ledger {
  return { dueAtMs: new Map(), effects: [], violations: [] };
}

/** Returns the code of the scripted steps as one process runs it. */
export function createActs(options: {
  readonly life: Life;
  readonly workerId: string;
  readonly world: ManualClock;
  readonly ledger: Ledger;
  /** Without faults: what really stands. */
  readonly rows: StepStore;
}): StepHandler[] {
  const { life, workerId, world, ledger, rows } = options;

  /** Whoever is told that it owns a step must own its row, and may then act once more. */
  const act = async (context: StepContext, script: Script, what: string): Promise<void> => {
    if (!context.isOwned()) return;
    const problem = await findProblem(rows, context.workflowId, context.stepId, workerId);
    if (problem === undefined) {
      ledger.effects.push({ step: context.stepId, what });
    } else ledger.violations.push(`${script.label}: ${what} by ${workerId}, but ${problem}`);
  };
  const run = async (context: StepContext, script: Script): Promise<StepOutcome<unknown>> => {
    await act(context, script, 'begin');
    await life.pass();
    if (script.runMs > 0) await context.clock.sleep(script.runMs, context.signal);
    if (context.signal.aborted) throw new Error('told to stop');
    const remainingMs = remaining(ledger, world, context.stepId, script);
    if (remainingMs > 0) {
      const untilMs = context.clock.nowMs() + remainingMs;
      return { kind: 'deferred', untilMs, reason: 'AwaitingFill' };
    }
    if (context.attempt <= script.failures) throw new Error(`attempt ${context.attempt} fails`);
    await act(context, script, 'end');
    if (script.isSubmitting) await context.submit(following, context.stepId);
    if (script.isConfirmed && script.end === 'completed') {
      return { kind: 'confirming', response: script.label, afterMs: 30 };
    }
    return endOf(script);
  };
  const confirm = async (context: StepContext, script: Script): Promise<StepOutcome<unknown>> => {
    await act(context, script, 'confirm');
    await life.pass();
    return { kind: 'completed', response: 'a confirmation says nothing new' };
  };
  return [
    ...Object.values(ACTS).map((step) => implementStep(step, run, confirm)),
    implementStep(followUp, async () => ({ kind: 'completed', response: null })),
  ];
}

function remaining(ledger: Ledger, world: ManualClock, step: StepId, script: Script): number {
  if (script.deferMs === 0) return 0;
  const dueAtMs = ledger.dueAtMs.get(step) ?? world.monotonicMs() + script.deferMs;
  ledger.dueAtMs.set(step, dueAtMs);
  return dueAtMs - world.monotonicMs();
}

function endOf(script: Script): StepOutcome<unknown> {
  switch (script.end) {
    case 'completed':
      return { kind: 'completed', response: script.label };
    case 'skipped':
      return { kind: 'skipped', reason: 'PositionNotOpen' };
    case 'stopped':
      return { kind: 'stopped', reason: 'NoCandidate' };
    case 'failed':
      return { kind: 'failed', error: new Error('for good'), retry: 'never' };
    case 'expanded':
      return { kind: 'expanded', children: planScripts(script.children) };
  }
}

async function findProblem(
  rows: StepStore,
  workflowId: WorkflowId,
  stepId: StepId,
  workerId: string,
): Promise<string | undefined> {
  const tree = await rows.findTree(workflowId);
  const row = tree?.steps.find((step) => step.id === stepId);
  if (row?.state !== 'running' || row.workerId !== workerId) {
    return `its row is ${row?.state} by ${row?.workerId}`;
  }
  const open = tree?.steps.find(
    (other) =>
      other.blockId === row.blockId &&
      other.role === row.role &&
      other.index < row.index &&
      other.state !== 'completed' &&
      other.state !== 'skipped',
  );
  return open === undefined ? undefined : `index ${open.index} before it is ${open.state}`;
}
