import type { StepRow, StepStore, WorkflowRow } from '#pkg/store';
import { ATTEMPTS_MAX, flatten, foretell, type Script } from './scripts.ts';
import type { Submitted, World } from './world.ts';

/** Returns every promise of the engine that did not hold in this world. */
export async function verify(
  world: World,
  workflows: readonly Submitted[],
): Promise<readonly string[]> {
  const problems = [...world.ledger.violations];
  if (workflows.length === 0) problems.push('nothing could be submitted');
  for (const submitted of workflows) {
    for (const problem of await verifyWorkflow(world, submitted)) problems.push(problem);
  }
  return [...problems, ...(await verifyFollowing(world, workflows))];
}

/** Each workflow stands once, and each step that came to its end submitted its own once, for its account. */
async function verifyFollowing(
  { rows, ledger }: World,
  workflows: readonly Submitted[],
): Promise<readonly string[]> {
  const all = await rows.steps.listWorkflows({ limit: 10_000 });
  const roots = all.filter(({ name }) => name === 'scripted');
  const problems: string[] = [];
  if (roots.length !== workflows.length) {
    problems.push(`${workflows.length} workflows were submitted, ${roots.length} stand`);
  }
  const found = Map.groupBy(
    await Promise.all(
      all
        .filter(({ name }) => name === 'following')
        .map(async (workflow) => ({ workflow, asker: await askerOf(rows.steps, workflow) })),
    ),
    ({ asker }) => asker,
  );
  const acted = new Set(
    ledger.effects.filter(({ what }) => what === 'end').map(({ step }) => step),
  );
  for (const { workflowId } of workflows) {
    const tree = await rows.steps.findTree(workflowId);
    for (const row of tree?.steps ?? []) {
      const following = found.get(row.id) ?? [];
      const mayHave = acted.has(row.id) && scriptOf(row).isSubmitting;
      // A step that was poisoned or lost its lease in between may have submitted nothing.
      const mustHave = mayHave && row.reason !== 'StepPoisoned';
      if (following.length > (mayHave ? 1 : 0) || following.length < (mustHave ? 1 : 0)) {
        problems.push(`${labelOf(row)} submitted ${following.length} workflows`);
      }
      for (const { workflow } of following) {
        const { accountId, isUrgent } = tree?.workflow ?? {};
        if (workflow.accountId !== accountId || workflow.isUrgent !== isUrgent) {
          problems.push(`what ${labelOf(row)} submitted inherited nothing`);
        }
      }
    }
  }
  return problems;
}

async function askerOf(steps: StepStore, workflow: WorkflowRow): Promise<string> {
  const tree = await steps.findTree(workflow.id);
  return JSON.parse(tree?.steps[0]?.args ?? '""') as string;
}

async function verifyWorkflow(
  world: World,
  { workflowId, scripts }: Submitted,
): Promise<readonly string[]> {
  const tree = await world.rows.steps.findTree(workflowId);
  if (tree === undefined) return [`workflow ${workflowId} is lost`];
  const byLabel = new Map(tree.steps.map((row) => [labelOf(row), row]));
  const states = tree.steps.map((row) => `${labelOf(row)} ${row.state}`).join(', ');
  if (tree.workflow.finishedAtMs === undefined) return [`a workflow never ended: ${states}`];
  if (byLabel.size !== tree.steps.length) return [`a block was written twice: ${states}`];

  const problems: string[] = [];
  const isPoisoned = (label: string): boolean => byLabel.get(label)?.reason === 'StepPoisoned';
  const expected = foretell(scripts, isPoisoned);
  if (tree.workflow.state !== expected.workflow) {
    problems.push(`the workflow is ${tree.workflow.state}, not ${expected.workflow}: ${states}`);
  }
  for (const [label, row] of byLabel) {
    const state = expected.steps.get(label);
    if (state !== row.state) problems.push(`${label} is ${row.state}, not ${state ?? 'foretold'}`);
  }
  for (const label of expected.steps.keys()) {
    if (!byLabel.has(label)) problems.push(`${label} has no row`);
  }
  for (const script of flatten(scripts)) {
    const row = byLabel.get(script.label);
    if (row !== undefined) problems.push(...verifyStep(script, row));
  }
  return problems;
}

function verifyStep(script: Script, row: StepRow): readonly string[] {
  const problems: string[] = [];
  const hasRun =
    row.state === script.end || (script.end === 'expanded' && row.state !== 'canceled');
  const failures = Math.min(script.failures, ATTEMPTS_MAX);
  const isPoisoned = row.reason === 'StepPoisoned';
  if (
    hasRun &&
    !isPoisoned &&
    row.epoch > 0 &&
    script.end !== 'failed' &&
    row.attempts !== failures
  ) {
    problems.push(`${script.label} has ${row.attempts} attempts, not ${failures}`);
  }
  if (row.state === 'completed' && script.end === 'completed') {
    if (row.response !== JSON.stringify(script.label)) {
      problems.push(`${script.label} has the response ${row.response}`);
    }
  }
  return problems;
}

function scriptOf(row: StepRow): Script {
  return JSON.parse(row.args) as Script;
}

function labelOf(row: StepRow): string {
  return scriptOf(row).label;
}
