/** Redis and the database in trouble under running work: nothing is lost, and everything goes on once they serve again. */
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createSilentLogger } from '#pkg/observability';
import { findQueueTrouble } from '#pkg/queues';
import { connectRedis, type RedisConnection } from '#pkg/redis';
import { planStep, readEngineWaits } from '#pkg/steps';
import { migrate, openMysql, StoreUnavailableError } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import { startTemporary } from '../harness/shared-server.ts';
import { useTestRedis } from '../harness/index.ts';
import { clock, makeWorker, openParts, startDispatcher, type Parts } from './fixture/compose.ts';
import { linger, note, noteElsewhere, steps } from './fixture/definitions.ts';

const redis = useTestRedis();
const NAMESPACE = 'trouble';
const GONE = { url: 'redis://127.0.0.1:1', name: 'gone', mode: 'command' } as const;
const EACH = 10;
const END_LIMIT_MS = 30_000;

describe('trouble', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let parts: Parts;
  let admin: Awaited<ReturnType<typeof createConnection>>;
  let command: RedisConnection;

  beforeAll(async () => {
    // A database of its own: one that is read-only would stop everybody else's tests.
    const server = await startTemporary('mariadb');
    closing.push(async () => server[Symbol.asyncDispose]());
    const logger = createSilentLogger();
    admin = await createConnection(server.url);
    closing.push(() => admin.end());
    // Whoever may administer a server also writes to a read-only one.
    await admin.query("CREATE USER fleet@'%' IDENTIFIED BY 'pw'");
    await admin.query("GRANT ALL ON *.* TO fleet@'%'");
    await admin.query("REVOKE SUPER, READ_ONLY ADMIN ON *.* FROM fleet@'%'");
    const url = new URL(server.url);
    url.username = 'fleet';
    url.password = 'pw';
    await using database = openMysql({ url: url.href, clock, logger });
    await migrate(database);
    parts = openParts({ mysqlUrl: url.href, redisUrl: redis.url, namespace: NAMESPACE }, 'test');
    const worker = makeWorker(parts, { box: 'eos', slots: 4 });
    await worker.start();
    const dispatcher = startDispatcher(parts);
    command = connectRedis({ url: redis.url, name: 'trouble', logger, mode: 'command' });
    closing.push(async () => {
      command.disconnect();
      await dispatcher[Symbol.asyncDispose]();
      await worker[Symbol.asyncDispose]();
      await parts.close();
    });
  }, 60_000);
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });

  /** Workflows whose every step takes the way through the queue. */
  async function submitHops(text: string) {
    const submissions = await Promise.all(
      Array.from({ length: EACH }, (_, number) =>
        parts.submit(steps, [
          planStep(note, { text: `${text} ${number} a` }, { index: 1 }),
          planStep(noteElsewhere, { text: `${text} ${number} b` }, { index: 2 }),
          planStep(note, { text: `${text} ${number} c` }, { index: 3 }),
        ]),
      ),
    );
    return submissions.map(({ workflowId }) => workflowId);
  }

  async function expectEachOnce(text: string, workflows: Awaited<ReturnType<typeof submitHops>>) {
    await eventually(
      async () => {
        const trees = await Promise.all(workflows.map((id) => parts.store.steps.findTree(id)));
        expect(trees.map((tree) => tree?.workflow.state)).toEqual(
          Array.from({ length: EACH }, () => 'completed'),
        );
        expect(trees.flatMap((tree) => tree?.steps.map(({ attempts }) => attempts) ?? [])).toEqual(
          Array.from({ length: 3 * EACH }, () => 0),
        );
      },
      { limitMs: END_LIMIT_MS, everyMs: 100 },
    );
    const events = await parts.store.events.listNewest(10_000);
    expect(events.filter(({ message }) => message.startsWith(`${text} `))).toHaveLength(3 * EACH);
  }

  async function readyCount(): Promise<number> {
    const ready = await parts.store.steps.listSteps({ state: 'ready', limit: 100 });
    return ready.length;
  }

  /** What `kraite steps` says of ready steps. */
  async function reasonsOfReady() {
    const { reasonOfStep } = await readEngineWaits(parts.store, () =>
      findQueueTrouble(command, NAMESPACE),
    );
    const ready = await parts.store.steps.listSteps({ state: 'ready', limit: 100 });
    return [...new Set(ready.map((step) => reasonOfStep(step)))];
  }

  test('a Redis that is out of memory refuses jobs: the steps stay ready in their rows, and run when it has room', async () => {
    await command.config('SET', 'maxmemory', '1');
    const workflows = await submitHops('oom');
    await eventually(async () => expect(await readyCount()).toBe(EACH));
    expect(await reasonsOfReady()).toEqual(['QueuesOutOfMemory']);
    await command.config('SET', 'maxmemory', '0');
    await eventually(async () =>
      expect(await findQueueTrouble(command, NAMESPACE)).toBeUndefined(),
    );
    await expectEachOnce('oom', workflows);
  }, 45_000);

  test('a Redis that turned into a replica refuses jobs: the steps stay ready in their rows, and run when it is a primary again', async () => {
    await command.replicaof('127.0.0.1', '1');
    const workflows = await submitHops('replica');
    await eventually(async () => expect(await readyCount()).toBe(EACH));
    expect(await reasonsOfReady()).toEqual(['QueuesReadOnly']);
    await command.replicaof('NO', 'ONE');
    await expectEachOnce('replica', workflows);
  }, 45_000);

  test('a Redis that was wiped says so until its jobs are written again from the rows', async () => {
    await command.flushall();
    expect(await findQueueTrouble(command, NAMESPACE)).toBe('QueuesWiped');
    await eventually(async () =>
      expect(await findQueueTrouble(command, NAMESPACE)).toBeUndefined(),
    );
    const gone = connectRedis({ ...GONE, logger: createSilentLogger() });
    expect(await findQueueTrouble(gone, NAMESPACE)).toBe('QueuesUnreachable');
    gone.disconnect();
  });

  test('a database that became read-only refuses what is new with its reason, and what ran ends when it is writable', async () => {
    const { workflowId } = await parts.submit(steps, [
      planStep(linger, { text: 'read-only', ms: 300 }, { index: 1 }),
      planStep(note, { text: 'read-only done' }, { index: 2 }),
    ]);
    await eventually(async () => {
      const running = await parts.store.steps.listSteps({ state: 'running', limit: 10 });
      expect(running).toHaveLength(1);
    });
    await admin.query('SET GLOBAL read_only = 1');
    const refused = await parts.submit(steps, [planStep(note, { text: '' }, { index: 1 })]).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(StoreUnavailableError);
    expect(refused).toMatchObject({ fields: { problem: 'ReadOnly' } });
    await eventually(
      async () => {
        const { waits } = await readEngineWaits(parts.store);
        expect(waits).toContainEqual({ what: 'workflows', count: 0, reason: 'DatabaseReadOnly' });
      },
      { limitMs: 10_000 },
    );
    const before = await parts.store.steps.findTree(workflowId);
    expect(before?.workflow.state).toBe('running');
    await admin.query('SET GLOBAL read_only = 0');
    await eventually(
      async () => {
        const tree = await parts.store.steps.findTree(workflowId);
        expect(tree?.workflow.state).toBe('completed');
        expect(tree?.steps.map(({ attempts }) => attempts)).toEqual([0, 0]);
      },
      { limitMs: END_LIMIT_MS },
    );
  }, 45_000);
});
