import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { required } from '#pkg/base';

/** How a process ended. */
export interface ProcessExit {
  readonly status: number;
}

/** A process that ends when the one that started it does, even by SIGKILL. */
export interface GuardedProcess {
  readonly pid: number;
  /** Resolves when the process has ended, whoever ended it; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Asks it to end (SIGTERM), ends it (SIGKILL) after the grace, and waits. May be called again. */
  stop(): Promise<void>;
}

export interface GuardOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Everything the process writes is appended to this file. */
  readonly logFile: string;
  /** From the end of input to SIGKILL. */
  readonly graceSeconds: number;
}

/**
 * The guard: starts "$@", says its pid, and ends it when its own standard input ends.
 *
 * The input is a pipe whose other end only the starting process holds, so the kernel closes it however that
 * process dies. `setpriv`, where the system has it, also covers the death of the guard itself.
 */
const GUARD_SCRIPT = `
grace=$1 log=$2; shift 2
exec 4>&1 >>"$log" 2>&1
if setpriv --pdeathsig TERM true 2>/dev/null; then set -- setpriv --pdeathsig TERM -- "$@"; fi
exec 3<&0 </dev/null
"$@" 3<&- 4>&- &
server=$!
echo "$server" >&4
exec 4>&-
(
  while read -r _ <&3; do :; done
  kill -TERM "$server" 2>/dev/null
  tenths=$((grace * 10))
  while [ "$tenths" -gt 0 ] && kill -0 "$server" 2>/dev/null; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -KILL "$server" 2>/dev/null
) &
watcher=$!
exec 3<&-
trap 'kill -TERM "$server" 2>/dev/null' TERM INT HUP
while :; do
  wait "$server"; status=$?
  kill -0 "$server" 2>/dev/null || break
done
kill "$watcher" 2>/dev/null
exit "$status"
`;

/** Starts `command` under a guard. Resolves as soon as it has a pid; whether it works is for the caller to find out. */
export async function startGuarded(
  command: readonly [string, ...string[]],
  options: GuardOptions,
): Promise<GuardedProcess> {
  closeSync(openSync(options.logFile, 'a', 0o600));
  const guardArguments = [String(options.graceSeconds), options.logFile, ...command];
  // A session of its own: Ctrl-C on the terminal must not reach a server that is still needed for the drain.
  const guard = spawn('sh', ['-c', GUARD_SCRIPT, 'guard', ...guardArguments], {
    cwd: options.folder,
    env: options.environment,
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const exited = new Promise<ProcessExit>((resolve) => {
    guard.once('error', () => resolve({ status: 127 }));
    guard.once('exit', (status) => resolve({ status: status ?? 137 }));
  });
  const pid = await readPid(guard, exited);
  guard.stdin?.on('error', () => undefined);
  return {
    pid,
    exited,
    stop: async () => {
      guard.stdin?.end();
      await exited;
    },
  };
}

async function readPid(guard: ChildProcess, exited: Promise<ProcessExit>): Promise<number> {
  const lines = createInterface({ input: required(guard.stdout, 'the guard has an output pipe') });
  const first = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    exited.then(() => '0'),
  ]);
  return Number(first);
}
