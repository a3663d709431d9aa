import { join } from 'node:path';

/**
 * Where everything of one local fleet lies.
 *
 *   fleet.json      identity of the fleet, its seed and ports; also the mark that the folder is ours
 *   object.yaml     the KraiteFleet that was applied last
 *   secrets.json    passwords of the private servers and the account of the simulated venue (0600)
 *   secret.key      the key that seals account secrets (0600)
 *   mysql/ redis/   data of the private servers
 *   venue/          journal of the simulated exchange
 *   observe/        Prometheus' configuration and what it scraped
 *   run/            lock, runtime record with the URLs, child pids, workload files; worthless once stopped
 *   logs/           one file for each process, bounded in size
 */
export interface StatePaths {
  readonly root: string;
  readonly identity: string;
  readonly object: string;
  readonly secrets: string;
  readonly secretKey: string;
  readonly mysql: string;
  readonly redis: string;
  readonly venue: string;
  readonly observe: string;
  readonly run: string;
  readonly lock: string;
  readonly runtime: string;
  readonly children: string;
  readonly logs: string;
}

/** Returns the paths of the state folder at `root`, which must be absolute. */
export function statePaths(root: string): StatePaths {
  const run = join(root, 'run');
  return {
    root,
    identity: join(root, 'fleet.json'),
    object: join(root, 'object.yaml'),
    secrets: join(root, 'secrets.json'),
    secretKey: join(root, 'secret.key'),
    mysql: join(root, 'mysql'),
    redis: join(root, 'redis'),
    venue: join(root, 'venue'),
    observe: join(root, 'observe'),
    run,
    lock: join(run, 'up.lock'),
    runtime: join(run, 'fleet.json'),
    children: join(run, 'children.json'),
    logs: join(root, 'logs'),
  };
}

/** Returns the watched workload file of one process. */
export function workloadPath(paths: StatePaths, process: string): string {
  return join(paths.run, 'workloads', `${process}.json`);
}

/** Returns the log file of one process. */
export function logPath(paths: StatePaths, process: string): string {
  return join(paths.logs, `${process}.log`);
}
