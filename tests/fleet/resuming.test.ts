/** Processes and data that are lost, and what goes on afterwards: the same positions, the same workflows. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';

import type { FleetReader } from '#pkg/local';
import { eventually } from '../harness/eventually.ts';
import {
  expectNothingLeft,
  startFleet,
  summaryOf,
  useFleets,
  type RunningFleet,
} from './harness.ts';
import {
  expectNoDoubles,
  isEngineProcess,
  listOpen,
  listUnfinished,
  openReader,
  readPids,
  signalAll,
} from './look.ts';

useFleets();

const POSITIONS_MIN = 4;
const FREEZE_MS_MAX = 30_000;

interface Moment {
  /** Positions that were open with their quantity. */
  readonly positions: readonly string[];
  readonly workflows: Awaited<ReturnType<typeof listUnfinished>>;
}

async function awaitPositions(fleet: RunningFleet): Promise<void> {
  await fleet.waitFor(
    () => fleet.lines.filter(({ kind }) => kind === 'PositionOpened').length >= POSITIONS_MIN,
  );
}

/** Freezes the engine at a moment at which a workflow is under way; between two of them it is let go on. */
async function freezeAtWork(
  reader: FleetReader,
  pids: readonly number[],
): Promise<Moment['workflows']> {
  const endAtMs = Date.now() + FREEZE_MS_MAX;
  for (;;) {
    signalAll(pids, 'SIGSTOP');
    const workflows = await listUnfinished(reader);
    if (workflows.length > 0 || Date.now() > endAtMs) return workflows;
    signalAll(pids, 'SIGCONT');
    await sleep(20);
  }
}

/** Freezes the engine, notes what is under way, and kills the supervisor, with which everything ends. */
async function loseEverything(fleet: RunningFleet): Promise<Moment> {
  const pids = await readPids(fleet, isEngineProcess);
  const lock = JSON.parse(readFileSync(join(fleet.state, 'run/up.lock'), 'utf8')) as {
    readonly pid: number;
  };
  const reader = await openReader(fleet);
  const workflows = await freezeAtWork(reader, [...pids.values()]);
  const positions = (await listOpen(reader)).map(({ id }) => id);
  await reader[Symbol.asyncDispose]();
  signalAll([lock.pid, ...pids.values()], 'SIGKILL');
  await fleet.ended;
  await expectNothingLeft(fleet.state);
  return { positions, workflows };
}

/** Holds when what was under way has gone on: its workflows ended, its positions are still known, one closed. */
async function expectGoesOn(fleet: RunningFleet, moment: Moment): Promise<void> {
  const reader = await openReader(fleet);
  const { steps, positions } = reader.store;
  await eventually(
    async () => {
      const trees = await Promise.all(moment.workflows.map((id) => steps.findTree(id)));
      const left = trees.filter((tree) => tree?.workflow.finishedAtMs === undefined);
      expect(left.map((tree) => tree?.workflow)).toEqual([]);
    },
    { limitMs: 90_000, everyMs: 250 },
  );
  await fleet.waitFor(
    ({ kind, ['position']: id }) =>
      kind === 'PositionClosed' && moment.positions.includes(String(id)),
    120_000,
  );
  const known = new Set((await positions.list({ limit: 10_000 })).map(({ id }) => String(id)));
  expect(moment.positions.filter((id) => !known.has(id))).toEqual([]);
  await expectNoDoubles(fleet, reader);
  await reader[Symbol.asyncDispose]();
}

async function endInOrder(fleet: RunningFleet): Promise<void> {
  fleet.interrupt();
  const summary = await summaryOf(fleet);
  await expectNothingLeft(fleet.state);
  console.info(JSON.stringify(summary));
  expect(summary.positions.openWithoutStop).toBe(0);
  expect(summary.venue).toMatchObject({ duplicateClientOrderIds: 0, status429: 0, status418: 0 });
}

test('killed dispatcher, workers and supervisor: the same positions go on', async () => {
  const first = startFleet();
  await first.ready();
  await awaitPositions(first);

  const reader = await openReader(first);
  const before = { positions: (await listOpen(reader)).map(({ id }) => id), workflows: [] };
  await reader[Symbol.asyncDispose]();
  const pids = await readPids(first, isEngineProcess);
  expect(pids.size).toBeGreaterThanOrEqual(6);
  signalAll(pids.values(), 'SIGKILL');
  await eventually(
    async () => {
      const now = await readPids(first, isEngineProcess);
      expect([...now.keys()].toSorted()).toEqual([...pids.keys()].toSorted());
      for (const [name, pid] of pids) expect(now.get(name)).not.toBe(pid);
    },
    { limitMs: 60_000, everyMs: 100 },
  );
  await expectGoesOn(first, before);

  const moment = await loseEverything(first);
  expect(moment.positions.length).toBeGreaterThan(0);
  const next = startFleet({ state: first.state });
  console.info(`second start: ${await next.ready()} ms`);
  await expectGoesOn(next, moment);
  await endInOrder(next);
});

test('a Redis that lost all its data loses no step', async () => {
  const first = startFleet();
  await first.ready();
  await awaitPositions(first);
  const moment = await loseEverything(first);
  console.info(`${moment.workflows.length} workflows under way, Redis deleted`);
  expect(moment.workflows.length).toBeGreaterThan(0);
  rmSync(join(first.state, 'redis'), { recursive: true });

  const next = startFleet({ state: first.state });
  await next.ready();
  await expectGoesOn(next, moment);
  await endInOrder(next);
});
