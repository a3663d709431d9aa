import { backoffDelayMs, toError, type Clock, type Random } from '#pkg/base';
import type { LaunchedProcess, Launcher, ProcessExit } from './launched-process.ts';
import type { ProcessState, ProcessStatus } from './status.ts';

export interface SupervisedIdentity {
  readonly name: string;
  readonly kind: string;
  readonly box: string;
}

/** What the supervisor tells of a process, in order. */
export type ProcessChange =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'listening' }
  | { readonly kind: 'ready'; readonly afterMs: number }
  | {
      readonly kind: 'crashed';
      readonly exit: ProcessExit;
      readonly retryInMs: number;
      readonly crashes: number;
    }
  | { readonly kind: 'killed' }
  | { readonly kind: 'stopped' };

export interface SupervisorDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: (process: SupervisedProcess, change: ProcessChange) => void;
}

const RESTART_BACKOFF = { baseMs: 250, capMs: 10_000 };
/** A process that served this long has earned a quick restart again. */
const STEADY_AFTER_MS = 30_000;

/**
 * Keeps one process running until it is told otherwise.
 *
 * A crash is answered by a new start with back-off; `kill` and `stop` keep it down until `start`.
 * States: see `ProcessState`. Every call is safe in every state.
 */
export class SupervisedProcess {
  readonly identity: SupervisedIdentity;
  readonly #launcher: Launcher;
  readonly #dependencies: SupervisorDependencies;
  #state: ProcessState = 'stopped';
  #reason: string | undefined;
  #healthPort: number | undefined;
  #launched: LaunchedProcess | undefined;
  #crashes = 0;
  #restarts = 0;
  #lastLines: readonly string[] = [];
  /** Set while the process is to be down; what state it shall show then. */
  #downAs: 'killed' | 'stopped' | undefined = 'stopped';
  #loop: Promise<void> = Promise.resolve();
  #wake = new AbortController();

  constructor(
    identity: SupervisedIdentity,
    launcher: Launcher,
    dependencies: SupervisorDependencies,
  ) {
    this.identity = identity;
    this.#launcher = launcher;
    this.#dependencies = dependencies;
  }

  get status(): ProcessStatus {
    return {
      ...this.identity,
      pid: this.#launched?.pid,
      state: this.#state,
      reason: this.#reason,
      healthPort: this.#healthPort,
      restarts: this.#restarts,
    };
  }

  /** What the run that ended last wrote at its end. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Starts the process unless it is wanted up already. */
  start(): void {
    if (this.#downAs === undefined) return;
    this.#downAs = undefined;
    this.#crashes = 0;
    this.#wake = new AbortController();
    this.#loop = this.#loop.then(() => this.#keepRunning());
  }

  /** Ends everything of it at once, and keeps it down. The signal is sent before this returns. */
  kill(): void {
    this.#downAs = 'killed';
    this.#wake.abort();
    this.#launched?.kill();
    if (this.#launched === undefined) this.#state = 'killed';
  }

  /** Asks it to end, ends it by force after `graceMs`, and keeps it down. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#downAs ??= 'stopped';
    this.#wake.abort();
    if (this.#launched !== undefined) this.#state = 'stopping';
    this.#launched?.terminate();
    const cancel = this.#dependencies.clock.schedule(graceMs, () => this.#launched?.kill());
    await this.#loop;
    cancel();
  }

  /** Resolves when the process is down and stays down. */
  whenDown(): Promise<void> {
    return this.#loop;
  }

  async #keepRunning(): Promise<void> {
    const { clock, random } = this.#dependencies;
    while (this.#downAs === undefined) {
      const startedMs = clock.monotonicMs();
      const exit = await this.#runOnce(startedMs);
      if (this.#isDown()) break;
      if (clock.monotonicMs() - startedMs > STEADY_AFTER_MS) this.#crashes = 0;
      this.#crashes += 1;
      const retryInMs = backoffDelayMs(this.#crashes, RESTART_BACKOFF, random);
      this.#state = 'crashed';
      this.#lastLines = exit.lastLines;
      this.#reason = describeExit(exit);
      this.#announce({ kind: 'crashed', exit, retryInMs, crashes: this.#crashes });
      await clock.sleep(retryInMs, this.#wake.signal);
      if (!this.#isDown()) this.#restarts += 1;
    }
    this.#state = this.#downAs ?? 'stopped';
    this.#reason = undefined;
    this.#announce({ kind: this.#state === 'killed' ? 'killed' : 'stopped' });
  }

  /** A method, because the field changes while the loop waits. */
  #isDown(): boolean {
    return this.#downAs !== undefined;
  }

  async #runOnce(startedMs: number): Promise<ProcessExit> {
    this.#state = 'starting';
    this.#reason = undefined;
    try {
      const launched = await this.#launcher({
        listening: (port) => this.#onListening(port),
        ready: () => this.#onReady(startedMs),
        waits: (reason) => {
          this.#reason = reason;
        },
      });
      this.#launched = launched;
      this.#announce({ kind: 'started', pid: launched.pid });
      if (this.#downAs === 'killed') launched.kill();
      else if (this.#downAs === 'stopped') launched.terminate();
      return await launched.exited;
    } catch (error) {
      return { code: null, signal: null, lastLines: [toError(error).message] };
    } finally {
      this.#launched = undefined;
      this.#healthPort = undefined;
    }
  }

  #onListening(port: number | undefined): void {
    this.#healthPort = port;
    if (this.#state !== 'starting') return;
    this.#state = 'listening';
    this.#announce({ kind: 'listening' });
  }

  #onReady(startedMs: number): void {
    if (this.#state !== 'starting' && this.#state !== 'listening') return;
    this.#state = 'ready';
    this.#reason = undefined;
    const afterMs = Math.round(this.#dependencies.clock.monotonicMs() - startedMs);
    this.#announce({ kind: 'ready', afterMs });
  }

  #announce(change: ProcessChange): void {
    this.#dependencies.onChange(this, change);
  }
}

/** Returns why a process ended, in a few words. */
export function describeExit(exit: ProcessExit): string {
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  if (exit.code !== null) return `exited with ${exit.code}`;
  return `could not be started: ${exit.lastLines.at(-1) ?? 'no reason was given'}`;
}
