/**
 * Runs `./kraite` as a person does, in a state folder of its own, and keeps what it says.
 *
 * `useFleets` ends whatever a test left running and removes its folders; `expectNothingLeft` looks at every process
 * of the machine for one that knows the state folder.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { afterEach, expect } from 'vitest';

import type { RunSummary } from '#pkg/local';
import { eventually } from '../harness/eventually.ts';

const ROOT = join(import.meta.dirname, '../..');
const LAUNCHER = join(ROOT, 'kraite');
const GONE_MS_MAX = 30_000;

/** One line of `kraite up -o json`. */
export interface FleetLine {
  readonly kind: string;
  readonly message?: string;
  readonly box?: string;
  readonly symbol?: string;
  readonly position?: string;
  readonly reason?: string;
  readonly [field: string]: unknown;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `kraite up -o json` that runs. */
export interface RunningFleet {
  readonly state: string;
  readonly lines: readonly FleetLine[];
  readonly ended: Promise<Ended>;
  /** Resolves with the first line that fits, also one that was said before; fails when the fleet ends without it. */
  waitFor(fits: (line: FleetLine) => boolean, limitMs?: number): Promise<FleetLine>;
  /** Resolves when seven boxes are ready; returns how long that took by its own count. */
  ready(): Promise<number>;
  /** Types another command against the same state folder. */
  kraite(...args: readonly string[]): Promise<Ended>;
  interrupt(signal?: NodeJS.Signals): void;
}

const running: ChildProcessByStdio<null, Readable, Readable>[] = [];
const folders: string[] = [];

/** To be called once in a test file: cleans up after each test. */
export function useFleets(): void {
  afterEach(async () => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
    for (const folder of folders.splice(0)) {
      await eventually(() => expect(findProcessesOf(folder)).toEqual([]), {
        limitMs: GONE_MS_MAX,
        everyMs: 100,
      });
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Returns an empty folder that is removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kraite-fleet-'));
  folders.push(folder);
  return folder;
}

/** Runs a command to its end. */
export function kraite(args: readonly string[]): Promise<Ended> {
  return collect(launch(args));
}

/** Starts a fleet; `state` of an earlier one resumes it. */
export function startFleet(
  options: { readonly state?: string; readonly args?: readonly string[] } = {},
): RunningFleet {
  const state = options.state ?? join(newFolder(), 'state');
  const child = launch(['up', '--state', state, '-o', 'json', ...(options.args ?? [])]);
  const lines: FleetLine[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as FleetLine);
  });
  const ended = collect(child);
  const fleet: RunningFleet = {
    state,
    lines,
    ended,
    waitFor: (fits, limitMs = 60_000) => waitForLine({ child, state, lines, ended }, fits, limitMs),
    ready: async () => {
      const line = await fleet.waitFor(({ kind }) => kind === 'FleetReady', 120_000);
      return Number(line['readyMs']);
    },
    kraite: (...args) => kraite([...args, '--state', state]),
    interrupt: (signal = 'SIGINT') => void child.kill(signal),
  };
  return fleet;
}

/** Returns the summary of a fleet that has ended. */
export async function summaryOf(fleet: RunningFleet): Promise<RunSummary> {
  const { code, stderr } = await fleet.ended;
  expect(code, stderr).toBe(0);
  const last = fleet.lines.at(-1);
  expect(last?.kind).toBe('summary');
  return last as unknown as RunSummary;
}

/** Fails when a process of the fleet is still there after a moment in which each could notice its end. */
export async function expectNothingLeft(state: string): Promise<void> {
  await eventually(() => expect(findProcessesOf(state)).toEqual([]), {
    limitMs: GONE_MS_MAX,
    everyMs: 100,
  });
}

function launch(args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(LAUNCHER, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return child;
}

function collect(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

interface Watched {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly state: string;
  readonly lines: readonly FleetLine[];
  readonly ended: Promise<Ended>;
}

async function waitForLine(
  { child, state, lines, ended }: Watched,
  fits: (line: FleetLine) => boolean,
  limitMs: number,
): Promise<FleetLine> {
  let end: Ended | undefined;
  void ended.then((value) => {
    end = value;
  });
  const endAtMs = Date.now() + limitMs;
  while (!lines.some(fits) && end === undefined) {
    if (Date.now() > endAtMs) {
      expect.fail(
        `not said within ${limitMs} ms; last: ${JSON.stringify(lines.slice(-3))}\n${await describeFleet(state)}`,
      );
    }
    await sleep(20);
  }
  const found = lines.find(fits);
  if (found !== undefined) return found;
  throw new Error(`kraite (pid ${child.pid}) ended with ${end?.code} instead: ${end?.stderr}`);
}

/** Returns what a fleet that does not go on looks like: its rows, its queues and the last words of its processes. */
async function describeFleet(state: string): Promise<string> {
  const parts: string[] = [];
  for (const verb of ['status', 'workflows', 'steps', 'lanes', 'events']) {
    const { stdout, stderr } = await kraite([verb, '--state', state, '-o', 'json']);
    parts.push(`${verb}: ${(stdout + stderr).slice(0, TEXT_MAX)}`);
  }
  const logs = join(state, 'logs');
  for (const name of readdirSync(logs)) {
    parts.push(`${name}: ${readFileSync(join(logs, name), 'utf8').slice(-LOG_MAX)}`);
  }
  return parts.join('\n');
}

const TEXT_MAX = 4_000;
const LOG_MAX = 1_500;

/** Processes that name the folder among their arguments or in their environment. */
function findProcessesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = readProc(pid, 'cmdline');
      const isOurs = command.includes(folder) || readProc(pid, 'environ').includes(folder);
      return isOurs && command !== ''
        ? [`${pid} ${command.replaceAll('\0', ' ').slice(0, 120)}`]
        : [];
    });
}

function readProc(pid: string, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It ended between two looks, or belongs to somebody else.
    return '';
  }
}
