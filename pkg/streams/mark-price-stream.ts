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
  /** Told when the board has marks, first after the start and then after each silence that made the old ones stale. */
  readonly onReturned?: () => void;
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
  const writers = createWriters(dependencies, book.newest, options.saveEveryMs ?? SAVE_EVERY_MS);
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
        writers.push();
      } catch (error) {
        metrics?.increment('kraite_stream_frames_unreadable_total', { stream: 'mark-price' });
        logger.warn({ err: toError(error) }, 'mark price frame not understood');
      }
    },
  });
  let isOver = false;
  metrics?.onScrape(() => {
    if (isOver) return;
    metrics.set('kraite_stream_connected', { stream: 'mark-price' }, stream.isConnected() ? 1 : 0);
    metrics.set('kraite_mark_price_age_seconds', { stream: 'mark-price' }, ageMs() / 1_000);
  });
  return {
    newest: book.newest,
    reconnect: (reason) => stream.reconnect(reason),
    isConnected: () => stream.isConnected(),
    refusal: () => (ageMs() > MARK_STALE_MS ? 'MarkPriceStale' : undefined),
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      // Whoever does not listen any more says nothing of it: another may.
      metrics?.clear('kraite_stream_connected');
      metrics?.clear('kraite_mark_price_age_seconds');
      await stream[Symbol.asyncDispose]();
      writers.stop();
    },
  };
}

/** What carries the newest marks on, each at its own pace. */
function createWriters(
  { board, saveTicks, onReturned, clock, random, logger }: MarkPriceStreamDependencies,
  newest: PriceBook['newest'],
  saveEveryMs: number,
): { readonly push: () => void; readonly stop: () => void } {
  let boardAtMs = Number.NEGATIVE_INFINITY;
  const toBoard = createNewestWriter<void>({
    clock,
    random,
    gapMs: BOARD_GAP_MS,
    write: async () => {
      await board.write([...newest.values()]);
      const silentMs = clock.monotonicMs() - boardAtMs;
      boardAtMs = clock.monotonicMs();
      if (silentMs > MARK_STALE_MS) onReturned?.();
    },
    onError: (error) => logger.warn({ err: error }, 'marks not written to the board'),
  });
  const toRows = createNewestWriter<void>({
    clock,
    random,
    gapMs: saveEveryMs,
    write: async () => saveTicks?.([...newest.values()]),
    onError: (error) => logger.warn({ err: error }, 'marks not written to the rows'),
  });
  return {
    push: () => {
      toBoard.push();
      toRows.push();
    },
    stop: () => {
      toBoard.stop();
      toRows.stop();
    },
  };
}
