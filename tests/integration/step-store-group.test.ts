/**
 * Changes of many workflows at once are committed together, and each is guarded by itself.
 *
 * Everything is asked for in one turn, so that it goes in one group; a second adapter, or a session of its own, stands for
 * another box.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Type } from 'typebox';

import { createSystemClock } from '#pkg/base';
import type { WorkflowId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { defineStep, planStep } from '#pkg/steps';
import { createMysqlStore, migrate, openMysql, type MysqlDatabase, type Store } from '#pkg/store';
import { useTestMariadb, useTestMysql } from '../harness/index.ts';
import { newWorkflow } from '../harness/step-rows.ts';

const note = defineStep({
  name: 'note',
  lane: 'positions',
  arguments: Type.Object({}),
  response: Type.Null(),
});
const known = new Set(['note@1']);

function suite(name: string, urlOf: () => string): void {
  describe(`groups on ${name}`, () => {
    let database: MysqlDatabase;
    let store: Store;
    let commits = 0;
    beforeAll(async () => {
      database = openMysql({
        url: urlOf(),
        clock: createSystemClock(),
        logger: createSilentLogger(),
      });
      await migrate(database);
      store = createMysqlStore({
        ...database,
        run: (statement) => {
          commits += 1;
          return database.run(statement);
        },
        transact: (body) => {
          commits += 1;
          return database.transact(body);
        },
      });
    });
    afterAll(async () => {
      await store[Symbol.asyncDispose]();
    });

    /** Workflows of one ready step each. */
    const begin = async (count: number) => {
      const workflows = Array.from({ length: count }, () =>
        newWorkflow([planStep(note, {}, { index: 1 })]),
      );
      await Promise.all(workflows.map((workflow) => store.steps.submit(workflow)));
      await Promise.all(
        workflows.map(({ workflow }) =>
          store.steps.transact(workflow.id, {}, (tree) => ({
            change: { updates: tree.steps.map(({ id }) => ({ id, state: 'ready' as const })) },
            value: undefined,
          })),
        ),
      );
      return workflows.map(({ workflow, steps: [step] }) => {
        if (step === undefined) throw new Error('one step was planned');
        return { workflowId: workflow.id, stepId: step.id };
      });
    };
    const claim = async (begun: Awaited<ReturnType<typeof begin>>) => {
      const claims = await Promise.all(
        begun.map(({ stepId }) =>
          store.steps.claim(stepId, { workerId: 'eos', startedAtMs: 1, known }),
        ),
      );
      expect(new Set(claims.map(({ kind }) => kind))).toEqual(new Set(['claimed']));
      return begun.map((each) => ({
        ...each,
        fence: { stepId: each.stepId, workerId: 'eos', epoch: 1 },
      }));
    };
    type Held = Awaited<ReturnType<typeof claim>>[number];
    const complete = ({ workflowId, stepId, fence }: Held) =>
      store.steps.transact(workflowId, { fence }, () => ({
        change: {
          workflow: { state: 'completed' as const, finishedAtMs: 2 },
          updates: [{ id: stepId, state: 'completed' as const, response: 'null' }],
        },
        value: undefined,
      }));
    const stateOf = async (workflowId: WorkflowId) => {
      const tree = await store.steps.findTree(workflowId);
      return `${tree?.workflow.state ?? ''} ${tree?.steps[0]?.state ?? ''}`;
    };

    test('many ends are one commit', async () => {
      const held = await claim(await begin(20));
      const before = commits;
      const ends = await Promise.all(held.map(complete));
      expect(commits - before).toBe(1);
      expect(new Set(ends.map(({ kind }) => kind))).toEqual(new Set(['committed']));
      for (const { workflowId } of held) {
        expect(await stateOf(workflowId)).toBe('completed completed');
      }
    });

    test('many submissions are one commit', async () => {
      const workflows = Array.from({ length: 20 }, () =>
        newWorkflow([planStep(note, {}, { index: 1 })]),
      );
      const before = commits;
      const ends = await Promise.all(workflows.map((each) => store.steps.submit(each)));
      expect(commits - before).toBe(1);
      expect(new Set(ends.map(({ kind }) => kind))).toEqual(new Set(['submitted']));
    });

    test('a submission that stands already, or is archived, is told so, and its neighbours are written', async () => {
      const [standing, archived, one, two] = [1, 2, 3, 4].map(() =>
        newWorkflow([planStep(note, {}, { index: 1 })]),
      );
      if (!standing || !archived || !one || !two) throw new Error('four were made');
      await store.steps.submit(standing);
      await store.steps.submit(archived);
      await store.steps.transact(archived.workflow.id, {}, () => ({
        change: { workflow: { state: 'completed' as const, finishedAtMs: -5 } },
        value: undefined,
      }));
      expect(await store.steps.archive({ endedBeforeMs: -1, limit: 10 })).toBe(1);
      for (const repeated of [standing, archived]) {
        const fresh = newWorkflow([planStep(note, {}, { index: 1 })]);
        const ends = await Promise.all([repeated, fresh].map((each) => store.steps.submit(each)));
        expect(ends.map(({ kind }) => kind)).toEqual(['duplicate', 'submitted']);
      }
      const twins = await Promise.all([one, one, two].map((each) => store.steps.submit(each)));
      expect(twins.map(({ kind }) => kind).toSorted()).toEqual([
        'duplicate',
        'submitted',
        'submitted',
      ]);
    });

    test('a lost lease, a decision that throws and a missing workflow hurt no neighbour', async () => {
      const [first, second, third, fourth] = await claim(await begin(4));
      if (!first || !second || !third || !fourth) throw new Error('four were claimed');
      await store.steps.transact(second.workflowId, {}, () => ({
        change: { updates: [{ id: second.stepId, state: 'ready' as const, crashes: 1 }] },
        value: undefined,
      }));
      const ends = await Promise.allSettled([
        complete(first),
        complete(second),
        store.steps.transact(third.workflowId, { fence: third.fence }, () => {
          throw new Error('no decision');
        }),
        store.steps.transact('none' as WorkflowId, {}, () => ({ change: {}, value: undefined })),
        complete(fourth),
      ]);
      expect(ends.map((end) => (end.status === 'fulfilled' ? end.value.kind : 'threw'))).toEqual([
        'committed',
        'fenced',
        'threw',
        'missing',
        'committed',
      ]);
      expect(await stateOf(second.workflowId)).toBe('submitted ready');
      expect(await stateOf(third.workflowId)).toBe('submitted running');
      expect(await stateOf(fourth.workflowId)).toBe('completed completed');
    });

    test('what the schema refuses of one is written of the others', async () => {
      const [first, second] = await claim(await begin(2));
      if (!first || !second) throw new Error('two were claimed');
      const ends = await Promise.allSettled([
        complete(first),
        store.steps.transact(second.workflowId, { fence: second.fence }, () => ({
          change: { updates: [{ id: second.stepId, workerId: 'w'.repeat(200) }] },
          value: undefined,
        })),
      ]);
      expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(await stateOf(first.workflowId)).toBe('completed completed');
    });

    test('a workflow that another box holds is waited for alone', async () => {
      const [first, second, third] = await claim(await begin(3));
      if (!first || !second || !third) throw new Error('three were claimed');
      let late: Promise<unknown> | undefined;
      await database.reserve({ deadlineMs: 5_000 }, async (session) => {
        await session.query('START TRANSACTION');
        await session.query('SELECT id FROM workflows WHERE id = ? FOR UPDATE', [
          second.workflowId,
        ]);
        late = complete(second);
        await Promise.all([complete(first), complete(third)]);
        expect(await stateOf(second.workflowId)).toBe('submitted running');
        await session.query('COMMIT');
      });
      expect(await late).toEqual({ kind: 'committed', value: undefined });
    });

    test('one whose lease goes to another while it waits for a lock changes nothing', async () => {
      const [begun] = await begin(1);
      if (!begun) throw new Error('one was begun');
      const name = `waits-${begun.workflowId}`;
      const lease = await store.leases.acquire(name, 'old', 60_000);
      if (lease === undefined) throw new Error('nobody else asks for it');
      let late: Promise<unknown> | undefined;
      await database.reserve({ deadlineMs: 5_000 }, async (session) => {
        await session.query('START TRANSACTION');
        await session.query('SELECT id FROM workflows WHERE id = ? FOR UPDATE', [begun.workflowId]);
        late = store.steps.transact(begun.workflowId, { lease }, () => ({
          change: { updates: [{ id: begun.stepId, deferrals: 9 }] },
          value: undefined,
        }));
        await store.leases.release(name, 'old');
        expect(await store.leases.acquire(name, 'young', 60_000)).toMatchObject({ epoch: 2 });
        await session.query('COMMIT');
      });
      expect(await late).toEqual({ kind: 'fenced' });
      expect((await store.steps.findTree(begun.workflowId))?.steps[0]?.deferrals).toBe(0);
    });

    test('steps beside each other in a wide block are claimed and end in few commits, and the last one sees all', async () => {
      const WIDTH = 100;
      const wide = newWorkflow(
        Array.from({ length: WIDTH }, () => planStep(note, {}, { index: 1 })),
      );
      const workflowId = wide.workflow.id;
      await store.steps.submit(wide);
      await store.steps.transact(workflowId, {}, (tree) => ({
        change: { updates: tree.steps.map(({ id }) => ({ id, state: 'ready' as const })) },
        value: undefined,
      }));
      const begun = wide.steps.map(({ id }) => ({ workflowId, stepId: id }));
      const [late, ...held] = await claim(begun);
      if (late === undefined) throw new Error('many were claimed');
      await store.steps.transact(workflowId, {}, () => ({
        change: { updates: [{ id: late.stepId, state: 'ready' as const, crashes: 1 }] },
        value: undefined,
      }));
      const sawAll: boolean[] = [];
      const conclude = ({ stepId, fence }: Held) =>
        store.steps.transact(
          workflowId,
          { fence: { ...fence, effect: 'concludes' as const } },
          (tree) => {
            const others = tree.steps.filter(({ id }) => id !== stepId);
            const isLast = others.every(({ state }) => state === 'completed');
            sawAll.push(tree.isPart !== true && isLast);
            return {
              change: { updates: [{ id: stepId, state: 'completed' as const }] },
              value: undefined,
            };
          },
        );
      const before = commits;
      const ends = await Promise.all([late, ...held].map(conclude));
      expect(commits - before).toBeLessThan(WIDTH / 4);
      expect(ends.map(({ kind }) => kind)).toEqual([
        'fenced',
        ...held.map(() => 'committed' as const),
      ]);
      expect(sawAll).not.toContain(true);
      const again = await store.steps.claim(late.stepId, {
        workerId: 'eos',
        startedAtMs: 1,
        known,
      });
      if (again.kind !== 'claimed') throw new Error(`claim was ${again.kind}`);
      await conclude({ ...late, fence: { ...late.fence, epoch: again.step.epoch } });
      expect(sawAll.at(-1)).toBe(true);
    });

    test('changes of one workflow are decided one after another, in one write', async () => {
      const [begun] = await begin(1);
      if (!begun) throw new Error('one was begun');
      const counts = await Promise.all(
        Array.from({ length: 5 }, () =>
          store.steps.transact(begun.workflowId, {}, (tree) => {
            const deferrals = (tree.steps[0]?.deferrals ?? 0) + 1;
            return { change: { updates: [{ id: begun.stepId, deferrals }] }, value: deferrals };
          }),
        ),
      );
      const values = counts.map((each) => (each.kind === 'committed' ? each.value : 0));
      expect(values).toEqual([1, 2, 3, 4, 5]);
      const tree = await store.steps.findTree(begun.workflowId);
      expect(tree?.steps[0]?.deferrals).toBe(5);
    });
  });
}

const mariadb = useTestMariadb();
suite('MariaDB', () => mariadb.url);
const mysql = useTestMysql();
suite('MySQL', () => mysql.url);
