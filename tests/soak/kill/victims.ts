import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';

import { createSystemClock } from '#pkg/base';
import { ensurePrograms, startMariadb, startRedis, type LocalServer } from '#pkg/local';
import type { Servers } from '../../engine/fixture/compose.ts';

/** Something that can be killed at any moment and comes back by itself. */
export interface Victim {
  readonly name: string;
  /** kill -9, and a new one with the same data; resolves when that one answers. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerVictim extends Victim {
  readonly url: string;
}

/** Returns `act` so that its calls follow each other. */
function inTurn(act: () => Promise<void>): () => Promise<void> {
  let turn = Promise.resolve();
  return () => {
    turn = turn.then(act);
    return turn;
  };
}

const PASSWORD = 'soak';

/** Starts a database or Redis of its own that keeps its port and its data when it is killed. */
export async function startServerVictim(
  name: 'mariadb' | 'redis',
  folder: string,
): Promise<ServerVictim> {
  const programs = await ensurePrograms([name], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const start = (port?: number): Promise<LocalServer> =>
    (name === 'mariadb' ? startMariadb : startRedis)(programs[name], {
      dataFolder: `${folder}/${name}`,
      logFile: `${folder}/${name}.log`,
      password: PASSWORD,
      clock: createSystemClock(),
      ...(port === undefined ? {} : { port }),
    });
  let server = await start();
  const { url, port } = server;
  return {
    name,
    url,
    kill: inTurn(async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      server = await start(port);
    }),
    stop: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}

const ENGINE_PROCESS = new URL('engine-process.ts', import.meta.url).pathname;

/** Starts a worker (named by its box) or the dispatcher (`athena`). */
export async function startProcessVictim(
  name: string,
  servers: Servers,
  ledger: string,
  options: { readonly isWasteful?: boolean; readonly niceness?: number } = {},
): Promise<Victim> {
  const start = (): ChildProcess => {
    const { niceness = 0, ...told } = options;
    const args = JSON.stringify({ ...servers, ...told, name, ledger });
    const child = spawn(process.execPath, [ENGINE_PROCESS, args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { NODE_COMPILE_CACHE: `${ledger}-compiled`, ...process.env },
    });
    if (child.pid !== undefined) setPriority(child.pid, niceness);
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  /** Also resolves when it ends before it is there: somebody killed it as it started. */
  const isThere = async (started: ChildProcess): Promise<void> => {
    const ready = started.stdout === null ? [] : [once(started.stdout, 'data')];
    await Promise.race([...ready, once(started, 'exit')]);
  };
  let child = start();
  await isThere(child);
  return {
    name,
    kill: inTurn(async () => {
      await end(child);
      child = start();
      await isThere(child);
    }),
    stop: () => end(child),
  };
}
