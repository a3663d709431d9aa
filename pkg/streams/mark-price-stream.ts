import { toError } from '#pkg/base';
import { decodeMarkPrices, type MarkPrice } from '#pkg/exchange';
import type { PriceBoard } from '#pkg/market-data';

import { startStream, type Stream, type StreamDependencies } from './stream.ts';

export interface MarkPriceStreamDependencies extends StreamDependencies {
  readonly board: PriceBoard;
  /** Told of every decoded frame before it is written. */
  readonly onPrices?: (prices: readonly MarkPrice[]) => void;
}

export interface MarkPriceStreamOptions {
  /** Base of the market streams; `/stream?streams=…` is appended. */
  readonly url: string;
  readonly bindAddress: string | undefined;
  readonly idleMsMax?: number;
  readonly renewAfterMs?: number;
}

/** Marks come each second: a socket that is silent for so long is dead, whatever TCP says. */
const IDLE_MS_MAX = 15_000;
const ALL_MARKS = '!markPrice@arr@1s';

/**
 * Starts the stream of all mark prices, written to the board as they come.
 *
 * A board that cannot keep up gets the newest frame next, not a queue of old ones.
 */
export function createMarkPriceStream(
  dependencies: MarkPriceStreamDependencies,
  options: MarkPriceStreamOptions,
): Stream {
  const { board, logger, metrics, onPrices } = dependencies;
  const write = createNewestWriter(board, (error) => {
    logger.warn({ err: error }, 'marks not written to the board');
  });
  const stream = startStream(dependencies, {
    name: 'mark-price',
    urlOf: async () => `${options.url.replace(/\/+$/u, '')}/stream?streams=${ALL_MARKS}`,
    bindAddress: options.bindAddress,
    lifeBy: 'frames',
    idleMsMax: options.idleMsMax ?? IDLE_MS_MAX,
    ...(options.renewAfterMs === undefined ? {} : { renewAfterMs: options.renewAfterMs }),
    onGap: () => undefined,
    onFrame: (text) => {
      try {
        const prices = decodeMarkPrices(text);
        onPrices?.(prices);
        write(prices);
      } catch (error) {
        logger.warn({ err: toError(error) }, 'mark price frame not understood');
      }
    },
  });
  metrics?.onScrape(() => {
    metrics.set('kraite_stream_connected', { stream: 'mark-price' }, stream.isConnected() ? 1 : 0);
  });
  return stream;
}

function createNewestWriter(
  board: PriceBoard,
  onError: (error: Error) => void,
): (prices: readonly MarkPrice[]) => void {
  let waiting: readonly MarkPrice[] | undefined;
  let isWriting = false;
  const drain = async (): Promise<void> => {
    isWriting = true;
    while (waiting !== undefined) {
      const prices = waiting;
      waiting = undefined;
      try {
        await board.write(prices);
      } catch (error) {
        onError(toError(error));
      }
    }
    isWriting = false;
  };
  return (prices) => {
    if (prices.length === 0) return;
    waiting = prices;
    if (!isWriting) void drain();
  };
}
