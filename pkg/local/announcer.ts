import { toError, type Clock } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import type { LocalEvent } from './local-event.ts';
import type { FleetReader } from './reader.ts';

export type Announcement = Omit<LocalEvent, 'atMs' | 'sequence'>;

/** Kinds that the supervisor also writes to the outbox, so that the pages show them. */
const RECORDED_KINDS: ReadonlySet<string> = new Set([
  'BoxKilled',
  'BoxStarted',
  'FleetApplied',
  'FleetDraining',
  'FleetReady',
  'ProcessCrashed',
]);

/** The one voice of the supervisor: its own events and the fleet's, in one stream to all who listen. */
export class Announcer {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: LocalEvent) => void>();
  #reader: FleetReader | undefined;

  constructor(dependencies: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = dependencies.clock;
    this.#logger = dependencies.logger;
  }

  /** Returns a function that ends the listening. */
  listen(listener: (event: LocalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** From now on, what is recorded reaches the outbox too. */
  recordThrough(reader: FleetReader | undefined): void {
    this.#reader = reader;
  }

  announce(announcement: Announcement): void {
    const event: LocalEvent = { ...announcement, atMs: this.#clock.nowMs() };
    this.#tell(event);
    if (RECORDED_KINDS.has(event.kind)) void this.#record(event);
  }

  /** Passes on an event of the outbox, unless it is one of ours coming back. */
  relay(event: LocalEvent): void {
    if (!RECORDED_KINDS.has(event.kind)) this.#tell(event);
  }

  #tell(event: LocalEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #record(event: LocalEvent): Promise<void> {
    try {
      const { kind, atMs, message, box } = event;
      const stored = await this.#reader?.store.events.append({
        kind,
        atMs,
        message,
        ...(box === undefined ? {} : { box: id<BoxName>(box) }),
      });
      if (stored !== undefined) {
        await this.#reader?.signals.publish('events', JSON.stringify(stored));
      }
    } catch (error) {
      // The database may be the very box that was killed; the person has been told already.
      this.#logger.debug({ err: toError(error), kind: event.kind }, 'event not recorded');
    }
  }
}
