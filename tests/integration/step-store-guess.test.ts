/**
 * A worker decides on the tree that it saw last and writes under that tree's revision.
 *
 * Two adapters over one database stand for two boxes: whatever the other one did in between, the guess is refused
 * and the decision is taken again on what stands.
 */
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { defineStep, planStep } from '#pkg/steps';
import { createMysqlStore, migrate, openMysql, type StepRow, type Store } from '#pkg/store';
import { useTestMariadb, useTestMysql } from '../harness/index.ts';
import { newWorkflow } from '../harness/step-rows.ts';

const clock = createSystemClock();
const note = defineStep({
  name: 'note',
  lane: 'positions',
  arguments: Type.Object({}),
  response: Type.Null(),
});
const known = new Set(['note@1']);

async function open(url: string): Promise<Store> {
  const database = openMysql({ url, clock, logger: createSilentLogger() });
  await migrate(database);
  return createMysqlStore(database);
}

function suite(name: string, urlOf: () => string): void {
  describe(`two boxes on ${name}`, () => {
    let eos: Store;
    let iris: Store;
    beforeAll(async () => {
      eos = await open(urlOf());
      iris = await open(urlOf());
    });
    afterAll(async () => {
      await eos[Symbol.asyncDispose]();
      await iris[Symbol.asyncDispose]();
    });

    /** Two parallel steps, both ready; eos holds the first. */
    const begin = async () => {
      const workflow = newWorkflow([
        planStep(note, {}, { index: 1 }),
        planStep(note, {}, { index: 1 }),
      ]);
      const workflowId = workflow.workflow.id;
      await eos.steps.submit(workflow);
      await eos.steps.transact(workflowId, {}, (tree) => ({
        change: { updates: tree.steps.map(({ id }) => ({ id, state: 'ready' as const })) },
        value: undefined,
      }));
      const [first, second] = workflow.steps.map((step) => step.id);
      if (first === undefined || second === undefined) throw new Error('two steps were planned');
      const claim = await eos.steps.claim(first, { workerId: 'eos', startedAtMs: 1, known });
      if (claim.kind !== 'claimed') throw new Error(`claim was ${claim.kind}`);
      return { workflowId, first, second, fence: fenceOf(claim.step) };
    };
    const fenceOf = (step: StepRow) => ({ stepId: step.id, workerId: 'eos', epoch: step.epoch });
    const complete = (store: Store, begun: Awaited<ReturnType<typeof begin>>) =>
      store.steps.transact(begun.workflowId, { fence: begun.fence }, (tree) => ({
        change: { updates: [{ id: begun.first, state: 'completed' as const, response: 'null' }] },
        value: stateOf(tree.steps, begun.second),
      }));
    const stateOf = (steps: readonly StepRow[], stepId: StepId) =>
      steps.find((step) => step.id === stepId)?.state;

    test('a guess that still holds is written', async () => {
      const begun = await begin();
      expect(await complete(eos, begun)).toEqual({ kind: 'committed', value: 'ready' });
      const tree = await iris.steps.findTree(begun.workflowId);
      expect(stateOf(tree?.steps ?? [], begun.first)).toBe('completed');
      expect(stateOf(tree?.steps ?? [], begun.second)).toBe('ready');
    });

    test('what another box changed meanwhile is seen, and not overwritten', async () => {
      const begun = await begin();
      await iris.steps.claim(begun.second, { workerId: 'iris', startedAtMs: 2, known });
      expect(await complete(eos, begun)).toEqual({ kind: 'committed', value: 'running' });
      const tree = await iris.steps.findTree(begun.workflowId);
      expect(tree?.steps.map((step) => [step.state, step.workerId])).toEqual([
        ['completed', 'eos'],
        ['running', 'iris'],
      ]);
    });

    test('a worker whose step was taken back writes nothing', async () => {
      const begun = await begin();
      await iris.steps.transact(begun.workflowId, {}, () => ({
        change: { updates: [{ id: begun.first, state: 'ready' as const, crashes: 1 }] },
        value: undefined,
      }));
      expect(await complete(eos, begun)).toEqual({ kind: 'fenced' });
      const tree = await iris.steps.findTree(begun.workflowId);
      expect(tree?.steps.map((step) => step.state)).toEqual(['ready', 'ready']);
    });

    test('of two boxes that end parallel steps at once, neither loses the other', async () => {
      const begun = await begin();
      const claim = await iris.steps.claim(begun.second, {
        workerId: 'iris',
        startedAtMs: 2,
        known,
      });
      if (claim.kind !== 'claimed') throw new Error(`claim was ${claim.kind}`);
      const fence = { stepId: begun.second, workerId: 'iris', epoch: claim.step.epoch };
      const others = await Promise.all([
        complete(eos, begun),
        iris.steps.transact(begun.workflowId, { fence }, (tree) => ({
          change: { updates: [{ id: begun.second, state: 'completed' as const }] },
          value: stateOf(tree.steps, begun.first),
        })),
      ]);
      expect(others.map((other) => other.kind)).toEqual(['committed', 'committed']);
      const seen = others.map((other) => (other.kind === 'committed' ? other.value : ''));
      expect(seen.toSorted()).toEqual(['completed', 'running']);
    });
  });
}

const mariadb = useTestMariadb();
suite('MariaDB', () => mariadb.url);
const mysql = useTestMysql();
suite('MySQL', () => mysql.url);
