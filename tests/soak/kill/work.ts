import { toError, type Random } from '#pkg/base';
import type { WorkflowId } from '#pkg/domain';
import type { WorkflowTree } from '#pkg/store';
import { clock, type Parts } from '../../engine/fixture/compose.ts';
import type { Ledger } from './ledger.ts';
import { ledgered, STEPS_EACH } from './steps.ts';

export interface WorkReport {
  readonly workflows: number;
  readonly steps: number;
  /** Runs beyond the first, of steps whose process died or whose lease lapsed. */
  readonly runsAgain: number;
  readonly problems: readonly string[];
}

const IN_FLIGHT = 12;
const END_LIMIT_MS = 90_000;
const LOOK_MS = 150;

/** Keeps some workflows under way; `finish` lets them end, and tells what did not hold. */
export function startWork(parts: Parts, ledger: Ledger, random: Random) {
  const open = new Set<WorkflowId>();
  const ended: WorkflowTree[] = [];
  let isFinishing = false;
  let number = 0;
  const fill = async (): Promise<void> => {
    while (!isFinishing && open.size < IN_FLIGHT) {
      const args = { runMs: random.integer(60) };
      const options = { onceKey: `workflow-${number}` };
      const { workflowId } = await parts.submit(ledgered, args, options);
      open.add(workflowId);
      number += 1;
    }
  };
  const look = async (): Promise<void> => {
    for (const workflowId of open) {
      const tree = await parts.store.steps.findTree(workflowId);
      if (tree?.workflow.finishedAtMs === undefined) continue;
      await ledger.ended(tree.steps.map(({ id }) => id));
      ended.push(tree);
      open.delete(workflowId);
    }
  };
  const round = async (): Promise<void> => {
    try {
      await look();
      await fill();
    } catch (error) {
      // The database is being killed, too: the same keys are asked again.
      parts.logger.debug({ err: toError(error) }, 'asked again');
    }
    await clock.sleep(LOOK_MS);
  };
  const run = async (): Promise<void> => {
    while (!isFinishing) await round();
    const untilMs = clock.monotonicMs() + END_LIMIT_MS;
    while (open.size > 0 && clock.monotonicMs() < untilMs) await round();
  };
  const running = run();
  return {
    finish: async (): Promise<WorkReport> => {
      isFinishing = true;
      await running;
      const problems = await Promise.all(
        [...open].map((workflowId) => tellOpen(parts, workflowId)),
      );
      const facts = await ledger.read();
      let runsAgain = 0;
      for (const tree of ended) {
        problems.push(...verify(tree, facts));
        for (const step of tree.steps) runsAgain += (facts.begun.get(step.id) ?? 1) - 1;
      }
      for (const stepId of facts.late)
        problems.push(`step ${stepId} began after its workflow's end`);
      const steps = ended.reduce((sum, tree) => sum + tree.steps.length, 0);
      return { workflows: ended.length, steps, runsAgain, problems };
    },
  };
}

function verify(
  { workflow, steps }: WorkflowTree,
  { effects, begun }: Awaited<ReturnType<Ledger['read']>>,
): readonly string[] {
  const problems: string[] = [];
  if (workflow.state !== 'completed') {
    problems.push(`workflow ${workflow.id} is ${describe({ workflow, steps })}`);
  }
  if (steps.length !== STEPS_EACH) {
    problems.push(`workflow ${workflow.id} has ${steps.length} steps, not ${STEPS_EACH}`);
  }
  for (const step of steps) {
    if (step.name !== 'spread' && step.state === 'completed' && !effects.has(step.id)) {
      problems.push(`${step.name} ${step.id} completed without its effect`);
    }
    const count = begun.get(step.id) ?? 0;
    if (count > step.epoch) {
      problems.push(`${step.name} ${step.id} began ${count} times in ${step.epoch} claims`);
    }
  }
  return problems;
}

/** Where a workflow stands that should have ended. */
async function tellOpen({ store }: Parts, workflowId: WorkflowId): Promise<string> {
  const tree = await store.steps.findTree(workflowId);
  return `workflow ${workflowId} never ended: ${tree === undefined ? 'it is not there' : describe(tree)}`;
}

function describe({ workflow, steps }: WorkflowTree): string {
  const told = steps.map(
    ({ name, state, workerId, epoch, attempts, crashes, runAfterMs, reason, error }) =>
      `${name} ${state} ${JSON.stringify({ workerId, epoch, attempts, crashes, runAfterMs, reason, error })}`,
  );
  return `${workflow.state}; ${told.join('; ')}`;
}
