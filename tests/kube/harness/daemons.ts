import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuarded, type GuardedProcess, type Program } from '#pkg/local';

/** Background programs of one folder, each at most once, all gone when it is disposed. */
export interface Daemons extends AsyncDisposable {
  start(program: Program, args: readonly string[]): Promise<void>;
  /** SIGKILL, and waits. Does nothing when it does not run. */
  kill(name: string): Promise<void>;
  isRunning(name: string): boolean;
  /** The end of its log, for a message. */
  logOf(name: string): Promise<string>;
}

const LINES = 15;

export function createDaemons(folder: string): Daemons {
  const running = new Map<string, GuardedProcess>();
  const logFile = (name: string): string => join(folder, `${name}.log`);
  const kill = async (name: string): Promise<void> => {
    const guarded = running.get(name);
    if (guarded === undefined) return;
    // A graceful stop of kube-apiserver takes 5 s, and nothing here is worth it.
    process.kill(guarded.pid, 'SIGKILL');
    await guarded.exited;
  };
  return {
    start: async (program, args) => {
      const [file] = program.command;
      const guarded = await startGuarded([file, ...args], {
        environment: { PATH: process.env['PATH'], HOME: folder },
        folder,
        logFile: logFile(program.name),
        graceSeconds: 1,
      });
      running.set(program.name, guarded);
      void guarded.exited.then(() => running.delete(program.name));
    },
    kill,
    isRunning: (name) => running.has(name),
    logOf: async (name) => {
      const text = await readFile(logFile(name), 'utf8').catch(() => '(it has written nothing)');
      return `${name}:\n${text.trimEnd().split('\n').slice(-LINES).join('\n')}`;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.keys()].map((name) => kill(name)));
    },
  };
}
