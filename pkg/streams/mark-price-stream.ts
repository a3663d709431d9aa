import { toError, type Reason } from '#pkg/base';
import { decodeMarkTicks, type MarkTick } from '#pkg/exchange';
import { MARK_STALE_MS, type PriceBoard } from '#pkg/market-data';

import { createNewestWriter } from './newest-writer.ts';
import { createPriceBook, type PriceBook } from './price-book.ts';
import { startStream, type Stream, type StreamDependencies } from './stream.ts';

export interface MarkPriceStreamDependencies extends StreamDependencies {
  /** What all boxes read: written as marks come. */
  readonly board: PriceBoard;
  /** Keeps marks in the rows, in batches. */
  readonly saveTicks?: (ticks: readonly MarkTick[]) => Promise<void>;
  /** Told of every mark that is newer than the one before it, before anything is written. */
  readonly onTicks?: (ticks: readonly MarkTick[]) => void;
}

export interface MarkPriceStreamOptions {
  /** Base of the market streams; `/stream?streams=…` is appended. */
  readonly url: string;
  readonly bindAddress: string | undefined;
  readonly idleMsMax?: number;
  readonly renewAfterMs?: number;
  readonly overlapMs?: number;
  /** Least time between two batches to the rows. */
  readonly saveEveryMs?: number;
}

export interface MarkPriceStream extends Stream {
  readonly newest: PriceBook['newest'];
  /** `MarkPriceStale` while no mark came for longer than a minute. */
  refusal(): Reason | undefined;
}

/** Marks come each second: a socket that is silent for so long is dead, whatever TCP says. */
const IDLE_MS_MAX = 15_000;
const SAVE_EVERY_MS = 5_000;
/** Least time between two writes: a venue that sends more often does not cost more writing. */
const BOARD_GAP_MS = 100;
const ALL_MARKS = '!markPrice@arr@1s';

/**
 * Starts the stream of all mark prices: to memory, to the board as they come, to the rows in batches.
 *
 * A board or a database that cannot keep up gets the newest marks next, not a queue of old ones.
 */
export function createMarkPriceStream(
  dependencies: MarkPriceStreamDependencies,
  options: MarkPriceStreamOptions,
): MarkPriceStream {
  const { clock, logger, metrics, onTicks } = dependencies;
  const book = createPriceBook();
  const writers = createWriters(dependencies, options.saveEveryMs ?? SAVE_EVERY_MS);
  let heardAtMs = clock.monotonicMs();
  const ageMs = (): number => clock.monotonicMs() - heardAtMs;
  const stream = startStream(dependencies, {
    name: 'mark-price',
    urlOf: async () => `${options.url.replace(/\/+$/u, '')}/stream?streams=${ALL_MARKS}`,
    bindAddress: options.bindAddress,
    lifeBy: 'frames',
    idleMsMax: options.idleMsMax ?? IDLE_MS_MAX,
    ...(options.renewAfterMs === undefined ? {} : { renewAfterMs: options.renewAfterMs }),
    ...(options.overlapMs === undefined ? {} : { overlapMs: options.overlapMs }),
    onGap: () => undefined,
    onFrame: (text) => {
      try {
        const fresh = book.take(decodeMarkTicks(text));
        if (fresh.length === 0) return;
        heardAtMs = clock.monotonicMs();
        onTicks?.(fresh);
        writers.push(fresh);
      } catch (error) {
        metrics?.increment('kraite_stream_frames_unreadable_total', { stream: 'mark-price' });
        logger.warn({ err: toError(error) }, 'mark price frame not understood');
      }
    },
  });
  metrics?.onScrape(() => {
    metrics.set('kraite_stream_connected', { stream: 'mark-price' }, stream.isConnected() ? 1 : 0);
    metrics.set('kraite_mark_price_age_seconds', {}, ageMs() / 1_000);
  });
  return {
    newest: book.newest,
    reconnect: (reason) => stream.reconnect(reason),
    isConnected: () => stream.isConnected(),
    refusal: () => (ageMs() > MARK_STALE_MS ? 'MarkPriceStale' : undefined),
    [Symbol.asyncDispose]: async () => {
      await stream[Symbol.asyncDispose]();
      writers.stop();
    },
  };
}

/** What carries marks on, each at its own pace and with its own list of what it has not carried yet. */
function createWriters(
  { board, saveTicks, clock, random, logger }: MarkPriceStreamDependencies,
  saveEveryMs: number,
): { readonly push: (ticks: readonly MarkTick[]) => void; readonly stop: () => void } {
  const unsaved = new Map<string, MarkTick>();
  const unwritten = new Map<string, MarkTick>();
  const carry = async (
    waiting: Map<string, MarkTick>,
    write: (ticks: readonly MarkTick[]) => Promise<void>,
  ): Promise<void> => {
    const batch = [...waiting.values()];
    waiting.clear();
    try {
      await write(batch);
    } catch (error) {
      for (const mark of batch) if (!waiting.has(mark.symbol)) waiting.set(mark.symbol, mark);
      throw error;
    }
  };
  const toBoard = createNewestWriter<void>({
    clock,
    random,
    gapMs: BOARD_GAP_MS,
    write: () => carry(unwritten, (ticks) => board.write(ticks)),
    onError: (error) => logger.warn({ err: error }, 'marks not written to the board'),
  });
  const toRows = createNewestWriter<void>({
    clock,
    random,
    write: () => carry(unsaved, async (ticks) => saveTicks?.(ticks)),
    onError: (error) => logger.warn({ err: error }, 'marks not written to the rows'),
  });
  let savedAtMs = Number.NEGATIVE_INFINITY;
  return {
    push: (ticks) => {
      for (const mark of ticks) {
        unwritten.set(mark.symbol, mark);
        if (saveTicks !== undefined) unsaved.set(mark.symbol, mark);
      }
      toBoard.push();
      if (saveTicks === undefined || clock.monotonicMs() - savedAtMs < saveEveryMs) return;
      savedAtMs = clock.monotonicMs();
      toRows.push();
    },
    stop: () => {
      toBoard.stop();
      toRows.stop();
    },
  };
}
