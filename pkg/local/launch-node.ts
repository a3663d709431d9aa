import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import type { Clock } from '#pkg/base';
import { BoundedLog } from './bounded-log.ts';
import type { LaunchedProcess, Launcher, LaunchObserver, ProcessExit } from './launched-process.ts';
import { isErrno } from './process-identity.ts';

export interface NodeProcess {
  /** Path of the main file. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly logFile: string;
  readonly clock: Clock;
  /** Called with each pid, so that a later start can end what was left over. */
  readonly onPid: (pid: number) => void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const READY_POLL_MS = 60;
const READY_TIMEOUT_MS = 2_000;

/**
 * Returns a launcher of one of our own programs.
 *
 * The child leads a process group of its own (Ctrl-C in the terminal reaches only us), and its standard input is a pipe
 * that closes with us, upon which it ends. It prints `{"kind":"listening","port":n}` when its health server is up;
 * from then on its /readyz is asked until it says yes.
 */
export function nodeLauncher(program: NodeProcess): Launcher {
  return (observer) => {
    const log = new BoundedLog(program.logFile);
    const child = spawn(process.execPath, [program.main], {
      cwd: program.workingDirectory,
      env: { ...program.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // A child that ended closes the pipe; its exit says all there is to say.
    child.stdin.on('error', () => undefined);
    const ended = new AbortController();
    const exited = watchExit(child, log, ended);
    readLines(child, log, (port) => {
      observer.listening(port);
      void awaitReady(port, observer, { clock: program.clock, signal: ended.signal });
    });
    const pid = child.pid;
    if (pid === undefined) return rejectSpawn(exited);
    program.onPid(pid);
    return launchedChild(pid, exited);
  };
}

async function rejectSpawn(exited: Promise<ProcessExit>): Promise<LaunchedProcess> {
  const exit = await exited;
  throw new Error(exit.lastLines.at(-1) ?? 'the program could not be started');
}

function launchedChild(pid: number, exited: Promise<ProcessExit>): LaunchedProcess {
  return {
    pid,
    exited,
    terminate: () => signalGroup(pid, 'SIGTERM'),
    kill: () => signalGroup(pid, 'SIGKILL'),
  };
}

/** Signals a process group; one that is gone already is no error. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

function watchExit(child: Child, log: BoundedLog, ended: AbortController): Promise<ProcessExit> {
  return new Promise((resolve) => {
    const finish = (code: number | null, signal: string | null): void => {
      if (ended.signal.aborted) return;
      ended.abort();
      const { lastLines } = log;
      log.close();
      resolve({ code, signal, lastLines });
    };
    child.once('error', (error) => {
      log.writeLine(error.message);
      finish(null, null);
    });
    child.once('close', finish);
  });
}

function readLines(child: Child, log: BoundedLog, onListening: (port: number) => void): void {
  let isListening = false;
  const onLine = (line: string): void => {
    log.writeLine(line);
    if (isListening) return;
    const port = findListeningPort(line);
    if (port === undefined) return;
    isListening = true;
    onListening(port);
  };
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', (line) => log.writeLine(line));
}

/** Returns the port of `{"kind":"listening","port":n}`, or undefined for any other line. */
export function findListeningPort(line: string): number | undefined {
  if (!line.startsWith('{') || !line.includes('"listening"')) return undefined;
  try {
    const value = JSON.parse(line) as { readonly kind?: unknown; readonly port?: unknown } | null;
    return value?.kind === 'listening' && typeof value.port === 'number' ? value.port : undefined;
  } catch {
    // A log line that only looks like JSON.
    return undefined;
  }
}

async function awaitReady(
  port: number,
  observer: LaunchObserver,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!options.signal.aborted) {
    const answer = await askReady({ port, path: '/readyz' });
    if (answer.isReady) return observer.ready();
    observer.waits(answer.reason);
    await options.clock.sleep(READY_POLL_MS, options.signal);
  }
}

export interface ReadyAnswer {
  readonly isReady: boolean;
  readonly reason: string;
}

/** Asks once on loopback; no answer counts as not ready. */
export function askReady(where: {
  readonly port: number;
  readonly path: string;
}): Promise<ReadyAnswer> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', ...where, timeout: READY_TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => {
        resolve({ isReady: response.statusCode === 200, reason: readReason(body) });
      });
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', (error) => resolve({ isReady: false, reason: error.message }));
  });
}

interface ReadyReason {
  readonly reason: string;
}

function readReason(body: string): string {
  try {
    const value = JSON.parse(body) as { readonly reasons?: readonly ReadyReason[] } | null;
    const words = value?.reasons?.map(({ reason }) => reason) ?? [];
    if (words.length > 0) return words.join(', ');
  } catch {
    // Not JSON: the text itself is the reason.
  }
  return body.trim().slice(0, 200);
}
