import type { Clock, Random } from '#pkg/base';
import type { KraiteFleet } from '#pkg/fleet-spec';
import type { Logger } from '#pkg/observability';
import type { Store } from '#pkg/store';
import type { LocalEvent } from './local-event.ts';
import type { Environment } from './process-environment.ts';
import type { OpenStateFolder } from './state-folder.ts';

/** One start of a fleet on this machine. */
export interface LocalFleetOptions {
  readonly state: OpenStateFolder;
  readonly fleet: KraiteFleet;
  /** The file's text, kept beside the state as what was applied last. */
  readonly objectText: string;
  /** Folder that holds `cmd/`. */
  readonly installFolder: string;
  readonly release: string;
  readonly environment: Environment;
  /** When the person pressed return; ready times count from here. */
  readonly startedAtMs: number;
  /** Servers that the person brought instead of private ones. */
  readonly mysqlUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** Must be free; undefined takes the last one, 8080 or the next free one. */
  readonly webPort: number | undefined;
  /** Runs Prometheus beside the fleet, with the rules of the chart. */
  readonly isObserved: boolean;
  /** Drain and stop by itself this long after it was ready. */
  readonly durationMs: number | undefined;
  /** Asks the person, naming the accounts, before real money is traded. */
  readonly confirmLive: (accounts: readonly string[]) => Promise<boolean>;
  /** How the person calls us, for advice. */
  readonly invokedAs: string;
  readonly interrupt: { readonly requested: AbortSignal; readonly forced: AbortSignal };
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Told of everything that happens, in order. */
  readonly onEvent: (event: LocalEvent) => void;
  /** Told before anything is fetched, in whole sentences. */
  readonly onNotice: (line: string) => void;
  /** Called once, when the rows are there and before the fleet is ready. */
  readonly onRows: (store: Store) => Promise<void>;
}
