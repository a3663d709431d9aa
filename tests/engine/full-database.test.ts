/** A database without room under running work: what it took is kept and ends, what it did not take is refused with its reason. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { WorkflowId } from '#pkg/domain';
import { ensurePrograms, startMariadb, type LocalServer } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import { planStep } from '#pkg/steps';
import { migrate, openMysql, StoreUnavailableError, storeTrouble } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import { useTestRedis } from '../harness/index.ts';
import { clock, makeWorker, openParts, startDispatcher, type Parts } from './fixture/compose.ts';
import { note, steps } from './fixture/definitions.ts';

/** Every table stands in one file, which may not grow beyond. */
const onDiskOf = (megabytes: number): readonly string[] => [
  '--innodb-file-per-table=0',
  `--innodb-data-file-path=ibdata1:12M:autoextend:max:${megabytes}M`,
];
const TRIES_MAX = 3_000;
/** Stays in its page: taking back a row that reached over several when the file was full has ended the server. */
const FILLING = 'x'.repeat(7_000);

const redis = useTestRedis();
const closing: (() => Promise<unknown>)[] = [];
let server: LocalServer;
let start: (megabytes: number) => Promise<LocalServer>;
let parts: Parts;
let admin: Awaited<ReturnType<typeof createConnection>>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kraite-test-full-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const { mariadb } = await ensurePrograms(['mariadb'], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  let port: number | undefined;
  start = async (megabytes) => {
    const started = await startMariadb(mariadb, {
      dataFolder: join(folder, 'data'),
      logFile: join(folder, 'server.log'),
      password: 'pw',
      clock,
      more: onDiskOf(megabytes),
      ...(port === undefined ? {} : { port }),
    });
    port = Number(new URL(started.url).port);
    return started;
  };
  server = await start(28);
  closing.push(async () => server[Symbol.asyncDispose]());
  admin = await createConnection(server.url);
  await using database = openMysql({ url: server.url, clock, logger: createSilentLogger() });
  await migrate(database);
  parts = openParts({ mysqlUrl: server.url, redisUrl: redis.url, namespace: 'full' }, 'test');
  const worker = makeWorker(parts, { box: 'eos', slots: 4 });
  await worker.start();
  const dispatcher = startDispatcher(parts);
  closing.push(async () => {
    await dispatcher[Symbol.asyncDispose]();
    await worker[Symbol.asyncDispose]();
    await parts.close();
  });
}, 60_000);
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const submit = () =>
  parts.submit(steps, [
    planStep(note, { text: 'before' }, { index: 1 }),
    planStep(note, { text: 'after' }, { index: 2 }),
  ]);

async function fill(): Promise<void> {
  for (;;) {
    try {
      await admin.query('INSERT INTO filler (text) VALUES (?)', [FILLING]);
    } catch (error) {
      expect(error).toMatchObject({ errno: 1114 });
      return;
    }
  }
}

test('a full database refuses what is new as DatabaseFull; what it took ends once, when it has room again', async () => {
  await admin.query(
    'CREATE TABLE filler (id INT AUTO_INCREMENT PRIMARY KEY, text MEDIUMTEXT) ENGINE=InnoDB',
  );
  await fill();
  const taken: WorkflowId[] = [];
  let refusal: unknown;
  // Pages that are open have some room left.
  while (refusal === undefined && taken.length < TRIES_MAX) {
    await submit().then(
      ({ workflowId }) => taken.push(workflowId),
      (error: unknown) => {
        refusal = error;
      },
    );
  }
  expect(refusal).toBeInstanceOf(StoreUnavailableError);
  expect(refusal).toMatchObject({
    fields: { problem: 'DiskFull', advice: 'free space on the disk of the database' },
  });
  expect(storeTrouble(refusal as Error)).toBe('DatabaseFull');

  // A larger disk, as a person would give it.
  await admin.end();
  await server[Symbol.asyncDispose]();
  server = await start(64);
  taken.push((await submit()).workflowId);
  await eventually(
    async () => {
      for (const workflowId of taken) {
        const tree = await parts.store.steps.findTree(workflowId);
        expect(tree?.workflow.state).toBe('completed');
        expect(tree?.steps.map(({ attempts, crashes }) => [attempts, crashes])).toEqual([
          [0, 0],
          [0, 0],
        ]);
      }
    },
    { limitMs: 60_000, everyMs: 250 },
  );
  const all = await parts.store.steps.listWorkflows({ limit: 10_000 });
  expect(all.map((row) => row.id).toSorted()).toEqual(taken.toSorted());
}, 120_000);
