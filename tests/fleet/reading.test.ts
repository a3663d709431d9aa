/** What a reading verb does when the servers behind it go away: it ends with a sentence, never hangs. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { startFleet, useFleets, type RunningFleet } from './harness.ts';

useFleets();

const ROOT = join(import.meta.dirname, '../..');
/** A verb gives up after 5.5 s; the rest is the start of a process under load. */
const ENDED_MS_MAX = 12_000;
const clock = createSystemClock();

interface Verb {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly firstOutput: Promise<void>;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly stderr: string;
    readonly tookMs: number;
  }>;
}

/** Without the launcher, so that a signal reaches the verb itself. */
function read(fleet: RunningFleet, ...args: readonly string[]): Verb {
  const startedMs = clock.monotonicMs();
  const child = spawn(process.execPath, ['cmd/kraite/main.ts', ...args, '--state', fleet.state], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return {
    child,
    firstOutput: new Promise((resolve) => {
      child.stdout.once('data', () => resolve());
    }),
    ended: new Promise((resolve) => {
      child.once('close', (code) => {
        resolve({ code, stderr, tookMs: clock.monotonicMs() - startedMs });
      });
    }),
  };
}

function supervisorOf(fleet: RunningFleet): number {
  const lock = JSON.parse(readFileSync(join(fleet.state, 'run/up.lock'), 'utf8')) as {
    readonly pid: number;
  };
  return lock.pid;
}

async function pidsOf(fleet: RunningFleet, box: string): Promise<readonly number[]> {
  const { stdout } = await fleet.kraite('boxes', '-o', 'json');
  const boxes = JSON.parse(stdout) as readonly {
    readonly name: string;
    readonly processes: readonly { readonly pid: number | null }[];
  }[];
  const found = boxes.find(({ name }) => name === box);
  return (found?.processes ?? []).flatMap(({ pid }) => (pid === null ? [] : [pid]));
}

test('a reading verb ends whether the fleet is silent, interrupted or gone', async () => {
  const fleet = startFleet();
  await fleet.ready();

  // A supervisor that takes the call and says nothing.
  const supervisor = supervisorOf(fleet);
  process.kill(supervisor, 'SIGSTOP');
  const silent = await read(fleet, 'workflows').ended;
  const asked = read(fleet, 'positions');
  await clock.sleep(1_500);
  asked.child.kill('SIGTERM');
  const interruptedMs = clock.monotonicMs();
  const interrupted = await asked.ended;
  const endedAfterMs = clock.monotonicMs() - interruptedMs;
  process.kill(supervisor, 'SIGCONT');
  expect(silent).toMatchObject({ code: 1 });
  expect(silent.stderr).toContain('the fleet did not answer within 5.5 s');
  expect(silent.tookMs).toBeLessThan(ENDED_MS_MAX);
  expect(interrupted.code).not.toBe(0);
  expect(endedAfterMs).toBeLessThan(2_000);

  // A database that hangs.
  const [mysql = 0] = await pidsOf(fleet, 'hyperion');
  process.kill(mysql, 'SIGSTOP');
  const hung = await read(fleet, 'workflows').ended;
  process.kill(mysql, 'SIGCONT');
  expect(hung.code).toBe(1);
  expect(hung.stderr).toMatch(/^kraite: .+/);
  expect(hung.tookMs).toBeLessThan(ENDED_MS_MAX);

  // A fleet that ends under a watch.
  const watch = read(fleet, 'workflows', '-w');
  const stopped = read(fleet, 'events', '-w');
  await Promise.all([watch.firstOutput, stopped.firstOutput]);
  stopped.child.kill('SIGINT');
  expect(await stopped.ended).toMatchObject({ code: 0, stderr: '' });
  fleet.interrupt();
  await fleet.ended;
  const lost = await watch.ended;
  expect(lost.code).toBe(1);
  expect(lost.stderr).toMatch(
    /no fleet runs on .*; start it with: |the fleet (did|does) not answer/,
  );
});
