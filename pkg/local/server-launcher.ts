import { launchedGuard, readLastLines } from './launch-guarded.ts';
import type { Launcher } from './launched-process.ts';
import type { LocalServer } from './servers/server.ts';

export interface ServerLaunch {
  /** Starts the server; resolves when it answers. */
  readonly start: () => Promise<LocalServer>;
  readonly logFile: string;
  readonly onPid: (pid: number) => void;
}

/** Returns a launcher of a private database or Redis server. */
export function serverLauncher(launch: ServerLaunch): Launcher {
  return async (observer) => {
    const server = await launch.start();
    launch.onPid(server.pid);
    observer.ready();
    const stop = (): Promise<void> => Promise.resolve(server[Symbol.asyncDispose]());
    const { pid, exited } = server;
    return launchedGuard({ pid, exited, stop }, () => readLastLines(launch.logFile));
  };
}
