import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { FleetEvent } from '#pkg/store';
import type { LocalEvent } from './local-event.ts';
import type { FleetReader } from './reader.ts';

export interface FeedOptions {
  readonly reader: FleetReader;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Only events after this sequence. */
  readonly after: number;
  readonly onEvent: (event: LocalEvent) => void;
}

export interface EventFeed extends AsyncDisposable {
  /** Reads what is in the outbox now, also when no signal came. */
  catchUp(): Promise<void>;
}

const PAGE = 200;
/** A signal may be lost, and an event behind a gap comes later than its signal: the rows are read at least so often. */
const READ_MS = 2_000;

/**
 * Follows the events outbox: a signal says that there is something, the rows say what.
 *
 * Every event comes once and in order of its sequence.
 */
export async function followEvents(options: FeedOptions): Promise<EventFeed> {
  const { reader, logger } = options;
  let sequence = options.after;
  let isWanted = false;
  let reading: Promise<void> | undefined;

  const readNew = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      const events = await reader.store.events.listAfter(sequence, PAGE);
      for (const event of events) {
        sequence = event.sequence;
        options.onEvent(localEvent(event));
      }
      if (events.length === PAGE) isWanted = true;
    }
  };
  const catchUp = (): Promise<void> => {
    isWanted = true;
    reading ??= readNew()
      .catch((error: unknown) => {
        logger.warn({ err: toError(error) }, 'events not read');
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const unsubscribe = await reader.signals.subscribe('events', () => void catchUp());
  let cancel: CancelTimer = () => undefined;
  const readLater = (): void => {
    cancel = options.clock.schedule(READ_MS, () => {
      void catchUp();
      readLater();
    });
  };
  readLater();
  return {
    catchUp,
    [Symbol.asyncDispose]: async () => {
      cancel();
      await unsubscribe();
    },
  };
}

/** Returns an event of the outbox as the watcher sees it. */
export function localEvent(event: FleetEvent): LocalEvent {
  return {
    kind: event.kind,
    atMs: event.atMs,
    message: event.message,
    box: event.box,
    symbol: event.symbol,
    position: event.positionId,
    account: event.accountId,
    reason: event.reason,
    sequence: event.sequence,
  };
}
