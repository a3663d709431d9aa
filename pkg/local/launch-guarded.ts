import { readFileSync } from 'node:fs';

import type { Clock } from '#pkg/base';
import type { ReadyAnswer } from './launch-node.ts';
import type { LaunchedProcess, Launcher, LaunchObserver } from './launched-process.ts';
import { isErrno } from './process-identity.ts';
import { startGuarded, type GuardedProcess } from './servers/guarded-process.ts';

export interface GuardedProgram {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly logFile: string;
  /** Asked until it says yes. */
  readonly probe: () => Promise<ReadyAnswer>;
  readonly clock: Clock;
  readonly onPid: (pid: number) => void;
}

const GRACE_SECONDS = 10;
const PROBE_EVERY_MS = 60;
const LAST_LINES = 20;

/** Returns a launcher of a program that does not watch its standard input: a guard ends it when we end. */
export function guardedLauncher(program: GuardedProgram): Launcher {
  return async (observer) => {
    const { command, environment, folder, logFile } = program;
    const guarded = await startGuarded(command, {
      environment,
      folder,
      logFile,
      graceSeconds: GRACE_SECONDS,
    });
    program.onPid(guarded.pid);
    void awaitReady(guarded, program, observer);
    return launchedGuard(guarded, () => readLastLines(logFile));
  };
}

/** Returns a guarded process as the supervisor sees it. */
export function launchedGuard(
  guarded: Pick<GuardedProcess, 'pid' | 'exited' | 'stop'>,
  lastLines: () => readonly string[],
): LaunchedProcess {
  return {
    pid: guarded.pid,
    exited: guarded.exited.then(({ status }) => ({
      code: status,
      signal: null,
      lastLines: lastLines(),
    })),
    terminate: () => void guarded.stop(),
    kill: () => killPid(guarded.pid),
  };
}

async function awaitReady(
  guarded: GuardedProcess,
  { probe, clock }: GuardedProgram,
  observer: LaunchObserver,
): Promise<void> {
  const ended = new AbortController();
  void guarded.exited.then(() => ended.abort());
  while (!ended.signal.aborted) {
    const answer = await probe();
    if (answer.isReady) return observer.ready();
    observer.waits(answer.reason);
    await clock.sleep(PROBE_EVERY_MS, ended.signal);
  }
}

function killPid(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Returns the end of a log, for the report of a crash. */
export function readLastLines(logFile: string): readonly string[] {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
  } catch {
    // No log: nothing was said.
    return [];
  }
}
