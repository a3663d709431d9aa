import { toError } from '#pkg/base';
import { parseFleet } from '#pkg/fleet-spec';
import { startControlServer, type ControlHandler, type ControlServer } from './control-server.ts';
import { LocalError } from './errors.ts';
import type { LocalFleetOptions } from './fleet-options.ts';
import { LocalFleet } from './local-fleet.ts';
import { writeRuntimeRecord } from './runtime-record.ts';
import { startFleet, type StartedFleet } from './start-fleet.ts';
import type { RunSummary } from './summary.ts';

export interface RunOutcome {
  /** Undefined when the run was ended before anything could be counted. */
  readonly summary: RunSummary | undefined;
}

const CONTROL_CLOSE_MS = 1_000;

/**
 * Runs a fleet on this machine until it is interrupted, told to end, or its time is over.
 *
 * `onStarted` gets the fleet as soon as it exists, for the live screen. However this ends, every process that it
 * started is gone and the lock of the state folder is released. Throws {@link LocalError} when the start fails.
 */
export async function runLocalFleet(
  options: LocalFleetOptions,
  onStarted: (fleet: LocalFleet) => void,
): Promise<RunOutcome> {
  const fleet = new LocalFleet(options);
  const ending = new Ending(fleet);
  let control: ControlServer | undefined;
  let started: StartedFleet | undefined;
  try {
    control = await startControlServer({
      token: options.state.secrets.controlToken,
      handlers: controlHandlers(fleet, ending),
    });
    onStarted(fleet);
    started = await startFleet(fleet, {
      signal: ending.requested,
      onEndpoints: (endpoints) => {
        writeRuntime(fleet, endpoints, control?.url ?? '');
      },
    });
    await ending.wait(options.durationMs);
    const summary = await fleet.drain(options.interrupt.forced);
    await started.feed.catchUp();
    return { summary };
  } catch (error) {
    if (ending.requested.aborted) return { summary: undefined };
    throw toError(error);
  } finally {
    await started?.feed[Symbol.asyncDispose]();
    await fleet.stop(options.interrupt.forced);
    ending.finish();
    // A client that is stopped in the middle must not keep us.
    await Promise.race([control?.[Symbol.asyncDispose](), options.clock.sleep(CONTROL_CLOSE_MS)]);
    options.state.lock.release();
  }
}

function writeRuntime(
  fleet: LocalFleet,
  endpoints: { readonly mysqlUrl: string; readonly redisUrl: string },
  controlUrl: string,
): void {
  const { options } = fleet;
  writeRuntimeRecord(options.state.paths, {
    pid: process.pid,
    fleet: options.fleet.metadata.name,
    startedAtMs: options.startedAtMs,
    mode: options.fleet.spec.exchange.mode,
    mysqlUrl: endpoints.mysqlUrl,
    redisUrl: endpoints.redisUrl,
    controlUrl,
    controlToken: options.state.secrets.controlToken,
    venueAdminUrl: fleet.venueAdminUrl,
    sites: fleet.sites,
  });
}

/** Who may end the run: the person (Ctrl-C), `kraite down`, or the clock. */
class Ending {
  readonly #fleet: LocalFleet;
  readonly #controller = new AbortController();
  readonly #finished: Promise<void>;
  #finish: () => void = () => undefined;

  constructor(fleet: LocalFleet) {
    this.#fleet = fleet;
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const { requested } = fleet.options.interrupt;
    requested.addEventListener('abort', () => this.#controller.abort(), { once: true });
    if (requested.aborted) this.#controller.abort();
  }

  get requested(): AbortSignal {
    return this.#controller.signal;
  }

  request(): void {
    this.#controller.abort();
  }

  /** Resolves when the run is to end. */
  async wait(durationMs: number | undefined): Promise<void> {
    const { clock } = this.#fleet.options;
    const signal = this.#controller.signal;
    const untilMs = clock.monotonicMs() + (durationMs ?? Number.POSITIVE_INFINITY);
    while (!signal.aborted && clock.monotonicMs() < untilMs) {
      await clock.sleep(untilMs - clock.monotonicMs(), signal);
    }
  }

  finish(): void {
    this.#finish();
  }

  whenFinished(): Promise<void> {
    return this.#finished;
  }
}

function controlHandlers(
  fleet: LocalFleet,
  ending: Ending,
): Readonly<Record<string, ControlHandler>> {
  return {
    status: () => fleet.status,
    'kill-box': (argument, say) => {
      const { boxes, only } = boxArgument(argument);
      for (const line of fleet.killBoxes(boxes, only)) say(line);
    },
    'start-box': async (argument, say) => {
      const { boxes, only } = boxArgument(argument);
      for (const line of await fleet.startBoxes(boxes, only)) say(line);
    },
    'drain-boxes': (argument, say) => {
      const { boxes, isDraining } = argument as {
        readonly boxes: readonly string[];
        readonly isDraining: boolean;
      };
      for (const box of fleet.tellDrain(boxes, isDraining)) say(box);
      return undefined;
    },
    apply: (argument) => {
      const { text } = argument as { readonly text: string };
      const parsed = parseFleet(text, { file: 'the file' });
      if (parsed.kind === 'valid') return fleet.apply(parsed.fleet, text);
      throw new LocalError(
        'FLEET_REFUSED',
        'the object is not valid; see: kraite validate -f FILE',
      );
    },
    down: async (_argument, say) => {
      const stopListening = fleet.announcer.listen(({ message }) => say(message));
      ending.request();
      await ending.whenFinished();
      stopListening();
      say('the fleet is down');
    },
  };
}

function boxArgument(argument: unknown): {
  readonly boxes: readonly string[];
  readonly only: string | undefined;
} {
  const { boxes = [], only } = argument as {
    readonly boxes?: readonly string[];
    readonly only?: string;
  };
  return { boxes, only };
}
