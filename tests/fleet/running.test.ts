/** One fleet as a person meets it: started, looked at, hurt, changed, stopped, and started again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { SAMPLE } from '../harness/sample-fleet.ts';
import {
  expectNothingLeft,
  newFolder,
  startFleet,
  summaryOf,
  useFleets,
  type RunningFleet,
} from './harness.ts';
import { openReader } from './look.ts';

useFleets();

interface BoxLine {
  readonly name: string;
  readonly state: string;
  readonly processes: readonly { readonly name: string; readonly pid: number | null }[];
}

interface LaneLine {
  readonly box: string;
  readonly lane: string;
  readonly slots: number;
}

async function readRows<Row>(fleet: RunningFleet, verb: string): Promise<readonly Row[]> {
  const { code, stdout, stderr } = await fleet.kraite(verb, '-o', 'json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as readonly Row[];
}

async function readPids(fleet: RunningFleet): Promise<Readonly<Record<string, number | null>>> {
  const boxes = await readRows<BoxLine>(fleet, 'boxes');
  return Object.fromEntries(
    boxes.flatMap(({ processes }) => processes.map(({ name, pid }) => [name, pid])),
  );
}

/** Every account's events are complete, as `kraite status` says, and the newest prices stand in the rows. */
async function expectComplete(fleet: RunningFleet): Promise<void> {
  const { stdout } = await fleet.kraite('status', '-o', 'json');
  const streams = { accounts: 1, complete: 1, incomplete: {}, deadLetters: 0 };
  expect(JSON.parse(stdout)).toMatchObject({ streams });
  await using reader = await openReader(fleet);
  expect((await reader.store.prices.list()).length).toBeGreaterThan(20);
}

/** A box that drains ends what it runs, takes nothing, and takes again when told so; no process of it restarts. */
async function expectDrains(fleet: RunningFleet): Promise<void> {
  const before = await readPids(fleet);
  const drained = await fleet.kraite('drain', 'eos', '--wait', '60s');
  expect(drained.code, drained.stderr).toBe(0);
  expect(drained.stdout).toContain('drained: eos; nothing runs there');
  const statesOf = async (): Promise<ReadonlySet<string>> => {
    const lanes = await readRows<LaneLine & { readonly state: string }>(fleet, 'lanes');
    return new Set(lanes.filter(({ box }) => box === 'eos').map(({ state }) => state));
  };
  expect(await statesOf()).toEqual(new Set(['draining']));
  expect((await fleet.kraite('drain', 'eos', '--undo')).stdout).toContain('taking work again: eos');
  await eventually(async () => expect(await statesOf()).toEqual(new Set(['ready'])), {
    limitMs: 20_000,
    everyMs: 250,
  });
  expect(await readPids(fleet)).toEqual(before);
  expect((await fleet.kraite('drain', 'eoss')).stderr).toContain('did you mean eos?');
}

const opened = ({ kind }: { readonly kind: string }): boolean => kind === 'PositionOpened';

test('a fleet starts, trades, survives a lost box, takes a change and stops', async () => {
  const fleet = startFleet();
  await fleet.ready();
  await fleet.waitFor(opened);
  const boxes = await readRows<BoxLine>(fleet, 'boxes');
  expect(boxes.map(({ state }) => state)).toEqual(boxes.map(() => 'ready'));
  expect(boxes).toHaveLength(7);
  await eventually(() => expectComplete(fleet), { limitMs: 30_000, everyMs: 500 });

  const second = await fleet.kraite('up', '-o', 'json');
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/in use by a running fleet \(pid \d+\); stop it with: .*down/);

  const unknown = await fleet.kraite('kill-box', 'eoss');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('no box is called eoss (did you mean eos?)');

  expect((await fleet.kraite('kill-box', 'eos')).stdout).toMatch(/eos-worker killed \(pid \d+\)/);
  const killedAt = fleet.lines.length;
  await eventually(() => expect(fleet.lines.slice(killedAt).some(opened)).toBe(true), {
    limitMs: 60_000,
  });
  expect((await fleet.kraite('start-box', 'eos')).stdout).toContain('eos-worker ready');

  fleet.interrupt();
  const summary = await summaryOf(fleet);
  expect(summary.positions).toMatchObject({ openWithoutStop: 0 });
  expect(summary.venue).toMatchObject({ duplicateClientOrderIds: 0, status429: 0, status418: 0 });
  await expectNothingLeft(fleet.state);
});

test('a changed slot count starts and stops no process', async () => {
  const fleet = startFleet();
  await fleet.ready();
  const before = await readPids(fleet);
  const file = join(newFolder(), 'fleet.yaml');
  writeFileSync(file, SAMPLE.replaceAll('orders: 8', 'orders: 9'));
  const applied = await fleet.kraite('apply', '-f', file);
  expect(applied.stderr).toBe('');
  expect(applied.code).toBe(0);
  await eventually(
    async () => {
      const lanes = await readRows<LaneLine>(fleet, 'lanes');
      const orders = lanes.filter(({ lane }) => lane === 'orders');
      expect(orders.map(({ slots }) => slots)).toEqual([9, 9, 9, 9]);
    },
    { limitMs: 20_000, everyMs: 500 },
  );
  expect(await readPids(fleet)).toEqual(before);
  await expectDrains(fleet);
  expect((await fleet.kraite('down')).stdout).toContain('the fleet is down');
  expect((await fleet.ended).code).toBe(0);
  await expectNothingLeft(fleet.state);
});

test('a supervisor that is killed leaves nothing behind, and the next start goes on', async () => {
  const first = startFleet();
  await first.ready();
  await first.waitFor(opened);
  const lock = JSON.parse(readFileSync(join(first.state, 'run/up.lock'), 'utf8')) as {
    readonly pid: number;
  };
  process.kill(lock.pid, 'SIGKILL');
  await first.ended;
  await expectNothingLeft(first.state);

  const next = startFleet({ state: first.state, args: ['--for', '10s'] });
  await next.ready();
  const summary = await summaryOf(next);
  expect(summary.positions.openWithoutStop).toBe(0);
  expect(summary.venue?.duplicateClientOrderIds).toBe(0);
});
