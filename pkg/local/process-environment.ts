import { join } from 'node:path';

import { writeProcessConfig, type ProcessConfig } from '#pkg/config';
import type { LocalProcess } from './plan-processes.ts';
import { cacheFolder } from './programs/cache-folder.ts';
import { workloadPath, type StatePaths } from './state-paths.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What all processes of one local fleet are told alike. */
export interface FleetEndpoints {
  readonly mysqlUrl: string;
  readonly redisUrl: string;
  readonly mode: ProcessConfig['mode'];
  readonly venue: ProcessConfig['venue'];
  readonly indicators: ProcessConfig['indicators'];
  readonly webPort: number;
}

export interface EnvironmentOptions {
  readonly paths: StatePaths;
  readonly release: string;
  readonly inherited: Environment;
  readonly endpoints: FleetEndpoints;
}

const LOOPBACK = '127.0.0.1';

/** Returns the environment of one child process. */
export function processEnvironment(
  process: LocalProcess,
  options: EnvironmentOptions,
): Readonly<Record<string, string>> {
  const { paths, endpoints } = options;
  const config: ProcessConfig = {
    processName: process.name,
    box: process.box,
    version: options.release,
    runtime: 'local',
    egressAddress: process.egressAddress,
    bindAddress: process.egressAddress === undefined ? undefined : process.bindAddress,
    egressFile: undefined,
    mysqlUrl: endpoints.mysqlUrl,
    redisUrl: endpoints.redisUrl,
    mode: endpoints.mode,
    venue: endpoints.venue,
    indicators: endpoints.indicators,
    workloadFile: process.lanes === undefined ? undefined : workloadPath(paths, process.name),
    health: { host: LOOPBACK, port: 0 },
    fleetFile: paths.object,
    scratchFolder: paths.run,
    web: {
      host: LOOPBACK,
      port: process.kind === 'web' ? endpoints.webPort : 0,
      httpsPort: undefined,
      tlsFolder: undefined,
      acmeDirectoryUrl: undefined,
      adminPasswordFile: undefined,
    },
    secretKeyFile: paths.secretKey,
    stopGraceMs: 0,
    logLevel: options.inherited['KRAITE_LOG_LEVEL'] ?? 'info',
  };
  return {
    ...process.environment,
    ...basicEnvironment(options.inherited),
    ...writeProcessConfig(config),
  };
}

const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'];

/** Returns what every child gets of our own environment, and a place to keep compiled code for a quick start. */
export function basicEnvironment(inherited: Environment): Readonly<Record<string, string>> {
  const kept = INHERITED.flatMap((name) => {
    const value = inherited[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    NODE_COMPILE_CACHE: inherited['NODE_COMPILE_CACHE'] ?? join(cacheFolder(inherited), 'compiled'),
  };
}
