import { join } from 'node:path';

import type { FleetEndpoints } from './process-environment.ts';
import { basicEnvironment, processEnvironment } from './process-environment.ts';
import type { LocalPorts } from './addresses.ts';
import type { LocalFleetOptions } from './fleet-options.ts';
import { guardedLauncher } from './launch-guarded.ts';
import { askReady, nodeLauncher } from './launch-node.ts';
import type { Launcher } from './launched-process.ts';
import type { ChildrenRecord } from './leftovers.ts';
import { prometheusArguments } from './observe.ts';
import type { LocalProcess } from './plan-processes.ts';
import type { Program } from './programs/program.ts';
import { serverLauncher } from './server-launcher.ts';
import { startMariadb } from './servers/mariadb.ts';
import { startRedis } from './servers/redis.ts';
import type { LocalServer, ServerOptions } from './servers/server.ts';
import { logPath } from './state-paths.ts';
import {
  SupervisedProcess,
  type SupervisedIdentity,
  type SupervisorDependencies,
} from './supervised-process.ts';

export interface FactoryFacts {
  readonly options: LocalFleetOptions;
  readonly ports: LocalPorts;
  readonly endpoints: FleetEndpoints;
  readonly children: ChildrenRecord;
  readonly onChange: SupervisorDependencies['onChange'];
}

/** First balance of the account on the simulated exchange. */
const VENUE_BALANCE_USDT = 10_000;

/** Makes the supervised processes of one local fleet; starts none. */
export class ProcessFactory {
  readonly #facts: FactoryFacts;

  constructor(facts: FactoryFacts) {
    this.#facts = facts;
  }

  /** One of the fleet's own programs. */
  fleetProcess(process: LocalProcess): SupervisedProcess {
    const { options, endpoints } = this.#facts;
    const environment = processEnvironment(process, {
      paths: options.state.paths,
      release: options.release,
      inherited: options.environment,
      endpoints,
    });
    return this.#supervise(process, this.#node(process, environment));
  }

  /** The simulated exchange with its indicator provider; it belongs to no box. */
  venue(): SupervisedProcess {
    const { options, ports, children } = this.#facts;
    const { secrets, identity, paths } = options.state;
    const name = 'exchange-sim';
    const launcher = guardedLauncher({
      command: [
        process.execPath,
        join(options.installFolder, 'cmd', name, 'main.ts'),
        ...['--listen', `127.0.0.1:${ports.venue}`],
        ...['--admin-listen', `127.0.0.1:${ports.venueAdmin}`],
        ...['--taapi-listen', `127.0.0.1:${ports.indicators}`],
        ...['--taapi-secret', secrets.indicatorsSecret],
        ...['--account', `${secrets.venueKey}:${secrets.venueSecret}:${VENUE_BALANCE_USDT}`],
        ...['--seed', String(identity.seed)],
        ...['--state', paths.venue],
      ],
      environment: basicEnvironment(options.environment),
      folder: options.installFolder,
      logFile: logPath(paths, name),
      probe: () => askReady({ port: ports.venueAdmin, path: '/admin/clock' }),
      clock: options.clock,
      onPid: (pid) => children.add(pid),
    });
    return this.#supervise({ name, kind: name, box: VENUE_BOX }, launcher);
  }

  mysql(box: string, program: Program): SupervisedProcess {
    const { options, ports } = this.#facts;
    const { paths, secrets } = options.state;
    const server = this.#server(`${box}-mysql`, {
      dataFolder: paths.mysql,
      password: secrets.mysqlPassword,
      port: ports.mysql,
    });
    const launcher = this.#guarded(server, () => startMariadb(program, server));
    return this.#supervise({ name: `${box}-mysql`, kind: 'mysql', box }, launcher);
  }

  redis(box: string, program: Program): SupervisedProcess {
    const { options, ports } = this.#facts;
    const { paths, secrets } = options.state;
    const server = this.#server(`${box}-redis`, {
      dataFolder: paths.redis,
      password: secrets.redisPassword,
      port: ports.redis,
    });
    const launcher = this.#guarded(server, () => startRedis(program, server));
    return this.#supervise({ name: `${box}-redis`, kind: 'redis', box }, launcher);
  }

  /** Prometheus, which looks at all of them; it belongs to no box. */
  prometheus(program: Program): SupervisedProcess {
    const { options, ports, children } = this.#facts;
    const { paths } = options.state;
    const name = 'prometheus';
    const port = ports.prometheus;
    const place = { folder: paths.observe, installFolder: options.installFolder, port };
    const launcher = guardedLauncher({
      command: [...program.command, ...prometheusArguments(place)],
      environment: { ...basicEnvironment(options.environment), ...program.environment },
      folder: options.installFolder,
      logFile: logPath(paths, name),
      probe: () => askReady({ port, path: '/-/ready' }),
      clock: options.clock,
      onPid: (pid) => children.add(pid),
    });
    return this.#supervise({ name, kind: name, box: OBSERVER_BOX }, launcher);
  }

  #server(
    name: string,
    own: Pick<ServerOptions, 'dataFolder' | 'password' | 'port'>,
  ): ServerOptions {
    const { options } = this.#facts;
    return { ...own, clock: options.clock, logFile: logPath(options.state.paths, name) };
  }

  #guarded(server: ServerOptions, start: () => Promise<LocalServer>): Launcher {
    const onPid = (pid: number): void => this.#facts.children.add(pid);
    return serverLauncher({ start, logFile: server.logFile, onPid });
  }

  #node(process: LocalProcess, environment: Readonly<Record<string, string>>): Launcher {
    const { options, children } = this.#facts;
    return nodeLauncher({
      main: join(options.installFolder, 'cmd', process.kind, 'main.ts'),
      environment,
      workingDirectory: options.installFolder,
      logFile: logPath(options.state.paths, process.name),
      clock: options.clock,
      onPid: (pid) => children.add(pid),
    });
  }

  #supervise(identity: SupervisedIdentity, launcher: Launcher): SupervisedProcess {
    const { clock, random } = this.#facts.options;
    const { name, kind, box } = identity;
    const { onChange } = this.#facts;
    return new SupervisedProcess({ name, kind, box }, launcher, { clock, random, onChange });
  }
}

/** Where the simulated exchange stands: outside the fleet, as a real one does. */
export const VENUE_BOX = 'venue';
/** Where Prometheus stands: beside the fleet. */
export const OBSERVER_BOX = 'observer';
