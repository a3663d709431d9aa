import type { Readout, ReadoutStore } from '../store.ts';
import { orderBy } from './order-by.ts';

/** Returns readouts in memory. */
export function createMemoryReadoutStore(): ReadoutStore {
  const readouts = new Map<string, Readout>();
  return {
    save: async (read) => {
      for (const readout of read) {
        const key = `${readout.symbol} ${readout.timeframe} ${readout.indicator}`;
        const standing = readouts.get(key);
        if (standing !== undefined && standing.readAtMs > readout.readAtMs) continue;
        readouts.set(key, readout);
      }
    },
    list: async (symbol, timeframe) =>
      [...readouts.values()]
        .filter((readout) => readout.symbol === symbol && readout.timeframe === timeframe)
        .toSorted(orderBy((readout) => readout.indicator)),
  };
}
