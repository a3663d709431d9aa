import { toError } from '#pkg/base';
import { chooseLocalPorts, localEndpoints } from './addresses.ts';
import { assertServerAnswers } from './brought-servers.ts';
import { LocalError } from './errors.ts';
import { followEvents, type EventFeed } from './event-feed.ts';
import { replaceFile } from './json-file.ts';
import { ChildrenRecord, endLeftovers } from './leftovers.ts';
import type { LocalFleet } from './local-fleet.ts';
import { prepareRows, migrateRows } from './prepare-rows.ts';
import { ProcessFactory } from './process-factory.ts';
import type { FleetEndpoints } from './process-environment.ts';
import { ensurePrograms } from './programs/ensure-programs.ts';
import { openFleetReader, preloadReader } from './reader.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** Crashes of one process before the fleet was ever ready that end the start. */
const START_CRASHES_MAX = 8;
const EXIT_BAD_CONFIGURATION = 2;
const START_MS_MAX = 180_000;

export interface StartedFleet {
  readonly endpoints: FleetEndpoints;
  readonly feed: EventFeed;
}

export interface StartHooks {
  readonly signal: AbortSignal;
  /** Called once it is known where everything will listen, before it does. */
  readonly onEndpoints: (endpoints: FleetEndpoints) => void;
}

/**
 * Brings the fleet up: as much as possible at the same time, because a person waits.
 *
 * Resolves when every box is ready. Throws {@link LocalError} saying what did not come up; `signal` ends
 * the wait early (the caller stops what was started either way).
 */
export async function startFleet(
  fleet: LocalFleet,
  { signal, onEndpoints }: StartHooks,
): Promise<StartedFleet> {
  const { options } = fleet;
  const { clock, state } = options;
  const { name } = options.fleet.metadata;
  fleet.announcer.announce({ kind: 'FleetStarting', message: `fleet ${name} starts` });
  if (options.mysqlUrl !== undefined) await assertServerAnswers('--mysql', options.mysqlUrl);
  if (options.redisUrl !== undefined) await assertServerAnswers('--redis', options.redisUrl);
  const [programs] = await Promise.all([
    bringPrograms(fleet),
    endLeftovers(state.paths.children, clock),
  ]);
  const ports = await chooseLocalPorts(options);
  const endpoints = localEndpoints(options, ports);
  const children = new ChildrenRecord(state.paths.children);
  const failure = new StartFailure(fleet);
  const factory = new ProcessFactory({
    options,
    ports,
    endpoints,
    children,
    onChange: (process, change) => {
      fleet.onProcessChange(process, change);
      failure.look(process, change.kind === 'crashed' ? change.exit.code : undefined);
    },
  });
  fleet.equip({ factory, ports });
  onEndpoints(endpoints);
  replaceFile(state.paths.object, options.objectText);
  const servers = startServers(fleet, factory, programs);
  fleet.startVenue();
  if ('prometheus' in programs) fleet.startObserver(programs.prometheus);
  const isLive = options.fleet.spec.exchange.mode === 'live';
  if (!isLive) fleet.startProcesses();
  preloadReader();
  return failure.race(signal, async () => {
    await fleet.board.when(() => servers.every(({ status }) => status.state === 'ready'), signal);
    const feed = await bringRows(fleet, endpoints);
    if (isLive) await confirmLive(fleet);
    if (isLive) fleet.startProcesses();
    await fleet.board.when(() => fleet.isReady, signal);
    if (!signal.aborted) fleet.markReady();
    return { endpoints, feed };
  });
}

type Programs = Awaited<ReturnType<typeof bringPrograms>>;

async function bringPrograms(fleet: LocalFleet) {
  const { options } = fleet;
  const names = [
    ...(options.mysqlUrl === undefined ? (['mariadb'] as const) : []),
    ...(options.redisUrl === undefined ? (['redis'] as const) : []),
    ...(options.isObserved ? (['prometheus'] as const) : []),
  ];
  return ensurePrograms(names, { environment: options.environment, report: options.onNotice });
}

function startServers(
  fleet: LocalFleet,
  factory: ProcessFactory,
  programs: Programs,
): readonly SupervisedProcess[] {
  const box = fleet.options.fleet.spec.core.box;
  const servers = [
    ...('mariadb' in programs ? [factory.mysql(box, programs.mariadb)] : []),
    ...('redis' in programs ? [factory.redis(box, programs.redis)] : []),
  ];
  for (const server of servers) {
    fleet.board.add(server);
    server.start();
  }
  return servers;
}

async function bringRows(fleet: LocalFleet, endpoints: FleetEndpoints): Promise<EventFeed> {
  const { options } = fleet;
  const applied = await migrateRows(options, endpoints);
  if (applied.length > 0) {
    const message = `the database has ${applied.length} new migrations`;
    fleet.announcer.announce({ kind: 'DatabaseMigrated', message, details: { applied } });
  }
  const reader = await openFleetReader(endpoints, options);
  const open = await reader.store.positions.listOpen();
  fleet.useReader(reader, new Map(open.map(({ id, wapCount }) => [id, wapCount])));
  const [newest] = await reader.store.events.listNewest(1);
  const feed = await followEvents({
    reader,
    logger: options.logger,
    clock: options.clock,
    after: newest?.sequence ?? 0,
    onEvent: (event) => fleet.announcer.relay(event),
  });
  await prepareRows(options, reader);
  await options.onRows(reader.store);
  return feed;
}

async function confirmLive(fleet: LocalFleet): Promise<void> {
  const accounts = (await fleet.reader?.store.accounts.list()) ?? [];
  const trading = accounts.filter(({ isTradingOn }) => isTradingOn).map(({ name }) => name);
  // Nothing can trade yet: accounts are added, and armed, while the fleet runs.
  if (trading.length === 0) return;
  if (await fleet.options.confirmLive(trading)) return;
  throw new LocalError('LIVE_REFUSED', 'real money was not confirmed; nothing was started');
}

/** Turns a process that cannot come up into an error with its own last words. */
class StartFailure {
  readonly #fleet: LocalFleet;
  readonly #crashes = new Map<string, number>();
  #reject: ((error: Error) => void) | undefined;

  constructor(fleet: LocalFleet) {
    this.#fleet = fleet;
  }

  look(process: SupervisedProcess, exitCode: number | null | undefined): void {
    if (exitCode === undefined || this.#fleet.phase !== 'starting') return;
    const { name } = process.identity;
    const crashes = (this.#crashes.get(name) ?? 0) + 1;
    this.#crashes.set(name, crashes);
    if (exitCode === EXIT_BAD_CONFIGURATION || crashes >= START_CRASHES_MAX) {
      this.#reject?.(this.#explain(process));
    }
  }

  /** Resolves with `work`, or rejects with the first failure, the time-out included. */
  async race<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { clock } = this.#fleet.options;
    const failed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    const cancel = clock.schedule(START_MS_MAX, () => this.#reject?.(this.#explainTimeout()));
    try {
      return await Promise.race([work(), failed]);
    } catch (error) {
      if (signal.aborted) throw new LocalError('START_FAILED', 'interrupted', { cause: error });
      throw toError(error);
    } finally {
      cancel();
    }
  }

  #explain(process: SupervisedProcess): LocalError {
    const { logs } = this.#fleet.options.state.paths;
    const { name } = process.identity;
    const said = process.lastLines.slice(-6).map((line) => `  ${line}`);
    return new LocalError(
      'START_FAILED',
      [`${name} does not come up (its log is in ${logs}):`, ...said].join('\n'),
    );
  }

  #explainTimeout(): LocalError {
    const waiting = this.#fleet.board.statuses
      .filter(({ state }) => state !== 'ready')
      .map(({ name, state, reason }) => `  ${name}: ${reason ?? state}`);
    return new LocalError(
      'START_FAILED',
      [`not every box is ready after ${START_MS_MAX / 1_000} s:`, ...waiting].join('\n'),
    );
  }
}
