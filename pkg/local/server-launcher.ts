import type { LaunchedProcess, Launcher } from './launched-process.ts';
import { isErrno } from './process-identity.ts';
import type { LocalServer } from './servers/server.ts';

export interface ServerLaunch {
  /** Starts the server; resolves when it answers. */
  readonly start: () => Promise<LocalServer>;
  readonly onPid: (pid: number) => void;
}

/** Returns a launcher of a private database or Redis server. */
export function serverLauncher(launch: ServerLaunch): Launcher {
  return async (observer) => {
    const server = await launch.start();
    launch.onPid(server.pid);
    observer.ready();
    return launchedServer(server);
  };
}

function launchedServer(server: LocalServer): LaunchedProcess {
  return {
    pid: server.pid,
    exited: server.exited.then(({ status }) => ({ code: status, signal: null, lastLines: [] })),
    terminate: () => void server[Symbol.asyncDispose](),
    kill: () => killPid(server.pid),
  };
}

function killPid(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
