import { planFleet, type FleetPlan, type KraiteFleet } from '#pkg/fleet-spec';
import { bringsOwnVenue, siteAddresses, type LocalPorts } from './addresses.ts';
import { Announcer } from './announcer.ts';
import { planApply, type ApplyReport } from './apply.ts';
import { BoxBoard } from './box-board.ts';
import { describeKill } from './describe-kill.ts';
import { awaitWorkflows, requestDrain } from './drain.ts';
import { LocalError } from './errors.ts';
import type { LocalFleetOptions } from './fleet-options.ts';
import { replaceFile } from './json-file.ts';
import { planLocalProcesses, type LocalProcess } from './plan-processes.ts';
import { writeTargets } from './observe.ts';
import { OBSERVER_BOX, VENUE_BOX, type ProcessFactory } from './process-factory.ts';
import type { Program } from './programs/program.ts';
import type { FleetReader } from './reader.ts';
import { readSummary } from './run-summary.ts';
import type { FleetStatus, ProcessStatus, SiteAddress } from './status.ts';
import type { RunSummary } from './summary.ts';
import { describeExit, type ProcessChange, type SupervisedProcess } from './supervised-process.ts';
import { writeWorkload } from './workload-files.ts';

/** Longer than the processes give themselves. */
const STOP_GRACE_MS = 12_000;
const SERVER_GRACE_MS = 25_000;
const DRAIN_MS_MAX = 30_000;
const BOX_START_MS_MAX = 30_000;

/**
 * The processes of one local fleet and what can be done to them while it runs.
 *
 * `start-fleet.ts` brings it up; afterwards it is killed in parts, started again, changed, drained and
 * stopped through here. It holds no trade state: rows do.
 */
export class LocalFleet {
  readonly options: LocalFleetOptions;
  readonly board: BoxBoard;
  readonly announcer: Announcer;
  readonly #startedAtMs: number;
  #fleet: KraiteFleet;
  #plan: FleetPlan;
  #processes: readonly LocalProcess[];
  #factory: ProcessFactory | undefined;
  #ports: LocalPorts | undefined;
  #reader: FleetReader | undefined;
  #phase: FleetStatus['phase'] = 'starting';
  #readyMs: number | undefined;
  #wapCounts: ReadonlyMap<string, number> = new Map();
  #venue: SupervisedProcess | undefined;
  #observer: SupervisedProcess | undefined;
  readonly #readyBoxes = new Set<string>();
  /** Boxes whose workers are told to take nothing. */
  readonly #drained = new Set<string>();
  /** One change of the whole at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LocalFleetOptions) {
    this.options = options;
    this.#startedAtMs = options.startedAtMs;
    this.#fleet = options.fleet;
    this.#plan = planFleet(options.fleet.spec, { fleet: options.fleet.metadata.name });
    this.#processes = planLocalProcesses(this.#plan);
    this.board = new BoxBoard(this.#plan);
    this.announcer = new Announcer(options);
    this.announcer.listen(options.onEvent);
  }

  get plan(): FleetPlan {
    return this.#plan;
  }

  get phase(): FleetStatus['phase'] {
    return this.#phase;
  }

  /** Undefined until the rows are there. */
  get reader(): FleetReader | undefined {
    return this.#reader;
  }

  get venue(): SupervisedProcess | undefined {
    return this.#venue;
  }

  get venueAdminUrl(): string | undefined {
    return this.#ports === undefined || !bringsOwnVenue(this.#fleet)
      ? undefined
      : `http://127.0.0.1:${this.#ports.venueAdmin}`;
  }

  get sites(): readonly SiteAddress[] {
    return this.#ports === undefined ? [] : siteAddresses(this.#fleet, this.#ports.web);
  }

  get status(): FleetStatus {
    return {
      fleet: this.#fleet.metadata.name,
      uid: this.options.state.identity.uid,
      pid: process.pid,
      mode: this.#fleet.spec.exchange.mode,
      phase: this.#phase,
      startedAtMs: this.#startedAtMs,
      readyMs: this.#readyMs,
      seed: this.options.state.identity.seed,
      sites: this.sites,
      boxes: this.board.statuses,
    };
  }

  /** Whether every box, and the exchange where we bring it, is up. */
  get isReady(): boolean {
    return (
      this.board.statuses.every(({ state }) => state === 'ready') &&
      (this.#venue === undefined || this.#venue.status.state === 'ready')
    );
  }

  equip(parts: { readonly factory: ProcessFactory; readonly ports: LocalPorts }): void {
    this.#factory = parts.factory;
    this.#ports = parts.ports;
  }

  /** From now on rows can be read; `wapCounts` are those of the positions that an earlier run left open. */
  useReader(reader: FleetReader, wapCounts: ReadonlyMap<string, number>): void {
    this.#wapCounts = wapCounts;
    this.#reader = reader;
    this.announcer.recordThrough(reader);
  }

  startVenue(): void {
    if (!bringsOwnVenue(this.#fleet)) return;
    this.#venue = this.#requireFactory().venue();
    this.#venue.start();
  }

  /** Has Prometheus look at every process from now on. The fleet does not wait for it. */
  startObserver(program: Program): void {
    this.#observer = this.#requireFactory().prometheus(program);
    this.#showTargets();
    this.#observer.start();
  }

  startProcesses(): void {
    for (const process of this.#processes) this.#startProcess(process);
  }

  markReady(): void {
    this.#phase = 'running';
    this.#readyMs = Math.round(this.options.clock.nowMs() - this.#startedAtMs);
    const readyMs = this.#readyMs;
    const message = `${this.#plan.boxes.length} boxes are ready after ${(readyMs / 1_000).toFixed(1)} s`;
    this.announcer.announce({ kind: 'FleetReady', message, details: { readyMs } });
  }

  /** To be called with every change of a process. */
  onProcessChange(process: SupervisedProcess, change: ProcessChange): void {
    const { name, box } = process.identity;
    if (change.kind === 'crashed' && this.#phase !== 'stopping') {
      const retry = `${(change.retryInMs / 1_000).toFixed(1)} s`;
      this.announcer.announce({
        kind: 'ProcessCrashed',
        box,
        process: name,
        message: `${name} ${describeExit(change.exit)}; it starts again in ${retry}`,
        details: { lastLines: change.exit.lastLines.slice(-3), crashes: change.crashes },
      });
    }
    if (change.kind === 'ready') this.#announceReady(process, change.afterMs);
    else if (change.kind !== 'listening' && change.kind !== 'started') this.#readyBoxes.delete(box);
    if (change.kind !== 'ready') this.#showTargets();
    this.board.wakeWaiters();
  }

  /** Kills every process of the boxes at once; they stay down. */
  killBoxes(boxes: readonly string[], only: string | undefined): readonly string[] {
    const processes = this.board.require(boxes, only);
    const before = processes.map(({ status }) => status);
    for (const process of processes) process.kill();
    for (const box of boxes) {
      this.announcer.announce({ kind: 'BoxKilled', box, message: describeKill(box, only, before) });
    }
    return before.map(
      ({ name, pid }) => `${name} killed${pid === undefined ? '' : ` (pid ${pid})`}`,
    );
  }

  /** Starts killed boxes again and waits (bounded) until they are ready. */
  async startBoxes(boxes: readonly string[], only: string | undefined): Promise<readonly string[]> {
    const { clock } = this.options;
    const processes = this.board.require(boxes, only).filter(({ status }) => isDown(status));
    if (processes.length === 0) return [`${boxes.join(', ')} runs already`];
    const startedMs = clock.monotonicMs();
    for (const process of processes) process.start();
    for (const box of boxes) {
      this.announcer.announce({ kind: 'BoxStarted', box, message: `${box} is started again` });
    }
    const timeout = new AbortController();
    const cancel = clock.schedule(BOX_START_MS_MAX, () => timeout.abort());
    const areReady = (): boolean => processes.every(({ status }) => status.state === 'ready');
    await this.board.when(areReady, timeout.signal);
    cancel();
    const afterS = ((clock.monotonicMs() - startedMs) / 1_000).toFixed(1);
    return processes.map(({ status }) =>
      status.state === 'ready'
        ? `${status.name} ready after ${afterS} s`
        : `${status.name} is still ${status.state}${status.reason === undefined ? '' : `: ${status.reason}`}`,
    );
  }

  /** Tells the workers of boxes to take nothing more, or to take again; without boxes all that have workers. */
  tellDrain(boxes: readonly string[], isDraining: boolean): readonly string[] {
    if (boxes.length > 0) this.board.require(boxes, undefined);
    const meant = this.#processes.filter(
      ({ box, kind }) => kind === 'worker' && (boxes.length === 0 || boxes.includes(box)),
    );
    if (meant.length === 0) {
      throw new LocalError('UNKNOWN_BOX', `${boxes.join(', ')} has no worker to drain`, {
        exit: 'wrong-use',
      });
    }
    for (const process of meant) {
      if (isDraining) this.#drained.add(process.box);
      else this.#drained.delete(process.box);
      this.#writeWorkload(process);
    }
    const names = meant.map(({ box }) => box);
    const message = `${names.join(', ')} ${isDraining ? 'takes nothing more' : 'takes work again'}`;
    this.announcer.announce({ kind: isDraining ? 'BoxDraining' : 'BoxResumed', message });
    return names;
  }

  /** Makes the fleet follow a changed object, or refuses all of it. */
  apply(fleet: KraiteFleet, text: string): Promise<ApplyReport> {
    return this.#inTurn(async () => {
      const open = (await this.#reader?.store.positions.listOpen()) ?? [];
      const before = { fleet: this.#fleet, processes: this.#processes };
      const planned = planApply(before, fleet, { openPositions: open.length });
      if (planned.report.isRefused) return planned.report;
      const { changes } = planned;
      this.#fleet = fleet;
      this.#plan = planned.plan;
      this.#processes = planned.processes;
      this.board.setBoxes(planned.plan.boxes);
      for (const process of changes.retold) this.#writeWorkload(process);
      await Promise.all(
        [...changes.stopped, ...changes.restarted].map((each) => this.#retire(each)),
      );
      for (const process of [...changes.started, ...changes.restarted]) this.#startProcess(process);
      replaceFile(this.options.state.paths.object, text);
      this.#announceApplied(planned.report);
      return planned.report;
    });
  }

  /**
   * Lets what is under way end, and returns what the run came to.
   *
   * Nothing new is admitted and running workflows run out, at most for half a minute; what still waits is safe in its rows.
   */
  async drain(forced: AbortSignal): Promise<RunSummary | undefined> {
    this.#phase = 'draining';
    this.announcer.announce({ kind: 'FleetDraining', message: 'the fleet takes nothing new' });
    const reader = this.#reader;
    if (reader === undefined || !this.#isCoreUp()) return undefined;
    await this.#requestDrains(({ kind }) => kind === 'dispatcher' || kind === 'scheduler');
    const outcome = await awaitWorkflows(
      {
        clock: this.options.clock,
        store: reader.store,
        signal: forced,
        onWait: (waitsFor) => {
          this.announcer.announce({ kind: 'DrainWaiting', message: `waits for ${waitsFor}` });
        },
      },
      DRAIN_MS_MAX,
    );
    if (outcome.kind === 'timed-out') {
      const message = `still under way, and safe until the next start: ${outcome.waitsFor}`;
      this.announcer.announce({ kind: 'DrainTimedOut', message });
    }
    if (outcome.kind === 'interrupted') return undefined;
    await this.#requestDrains(({ kind }) => kind === 'worker');
    return readSummary({
      reader,
      boxes: this.#plan.boxes,
      sinceMs: this.#startedAtMs,
      readyMs: this.#readyMs,
      wapCountsBefore: this.#wapCounts,
      venueAdminUrl: this.venueAdminUrl,
    });
  }

  /** Stops everything: the fleet first, the servers it stands on last. At once when `forced` aborts. */
  async stop(forced: AbortSignal): Promise<void> {
    this.#phase = 'stopping';
    const beside = [this.#venue, this.#observer].filter((each) => each !== undefined);
    const all = [...this.board.processes, ...beside];
    const killAll = (): void => {
      for (const process of all) process.kill();
    };
    forced.addEventListener('abort', killAll, { once: true });
    if (forced.aborted) killAll();
    const servers = all.filter(({ identity }) => ['mysql', 'redis'].includes(identity.kind));
    const fleet = all.filter((process) => ![...servers, ...beside].includes(process));
    await Promise.all(fleet.map((process) => process.stop(STOP_GRACE_MS)));
    await Promise.all(beside.map((process) => process.stop(STOP_GRACE_MS)));
    this.announcer.recordThrough(undefined);
    await this.#reader?.[Symbol.asyncDispose]();
    await Promise.all(servers.map((process) => process.stop(SERVER_GRACE_MS)));
    forced.removeEventListener('abort', killAll);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #startProcess(process: LocalProcess): void {
    this.#writeWorkload(process);
    const supervised = this.#requireFactory().fleetProcess(process);
    this.board.add(supervised);
    supervised.start();
  }

  #writeWorkload(process: LocalProcess): void {
    if (process.lanes === undefined) return;
    const isDraining = this.#drained.has(process.box);
    writeWorkload(this.options.state.paths, process, { isDraining });
  }

  async #retire({ name }: LocalProcess): Promise<void> {
    const process = this.board.find(name);
    if (process === undefined) return;
    await requestDrain(process.status);
    await process.stop(STOP_GRACE_MS);
    this.board.remove(name);
  }

  async #requestDrains(isMeant: (process: ProcessStatus) => boolean): Promise<void> {
    const meant = this.board.processes.map(({ status }) => status).filter(isMeant);
    await Promise.all(meant.map(requestDrain));
  }

  #isCoreUp(): boolean {
    return this.board.processes
      .filter(({ identity }) => identity.kind === 'mysql')
      .every(({ status }) => status.state === 'ready');
  }

  #announceReady(process: SupervisedProcess, afterMs: number): void {
    const { name, box } = process.identity;
    const sinceStartMs = Math.round(this.options.clock.nowMs() - this.#startedAtMs);
    this.announcer.announce({
      kind: 'ProcessReady',
      box,
      process: name,
      message: `${name} is ready`,
      details: { afterMs, sinceStartMs },
    });
    if (box === OBSERVER_BOX) this.#announceObserver();
    if (box === VENUE_BOX || box === OBSERVER_BOX || this.#readyBoxes.has(box)) return;
    if (this.board.stateOf(box) !== 'ready') return;
    this.#readyBoxes.add(box);
    const message = `${box} is ready`;
    this.announcer.announce({ kind: 'BoxReady', box, message, details: { sinceStartMs } });
  }

  #announceObserver(): void {
    const url = `http://127.0.0.1:${this.#ports?.prometheus}`;
    const message = `Prometheus looks at the fleet: ${url} (alerts: ${url}/alerts)`;
    this.announcer.announce({ kind: 'FleetObserved', message, details: { url } });
  }

  #showTargets(): void {
    if (this.#observer === undefined) return;
    writeTargets(this.options.state.paths.observe, {
      fleet: this.#fleet.metadata.name,
      processes: this.board.processes.map(({ status }) => status),
    });
  }

  #announceApplied(report: ApplyReport): void {
    const count = report.changes.length;
    const message = `${count} ${count === 1 ? 'change' : 'changes'} applied`;
    this.announcer.announce({ kind: 'FleetApplied', message, details: { ...report.processes } });
  }

  #requireFactory(): ProcessFactory {
    if (this.#factory === undefined) {
      throw new LocalError('START_FAILED', 'the fleet is not equipped yet');
    }
    return this.#factory;
  }
}

function isDown({ state }: ProcessStatus): boolean {
  return state === 'killed' || state === 'stopped';
}
