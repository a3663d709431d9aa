import { id, type SymbolName } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

/** One small value of each symbol, kept among the settings under a prefix of its own. */
export interface JsonRows<T> {
  save(settings: SettingStore, symbol: SymbolName, value: T, nowMs: number): Promise<void>;
  find(settings: Pick<SettingStore, 'find'>, symbol: SymbolName): Promise<T | undefined>;
  list(settings: Pick<SettingStore, 'listByPrefix'>): Promise<ReadonlyMap<SymbolName, T>>;
}

/**
 * Returns the door to the values named `<prefix>:<symbol>`.
 *
 * `isWhole` recognizes what this release wrote; anything else counts as absent, so that the next pass replaces it.
 */
export function jsonRows<T>(prefix: string, isWhole: (value: object) => boolean): JsonRows<T> {
  const read = (text: string | undefined): T | undefined => {
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof value === 'object' && value !== null && isWhole(value) ? (value as T) : undefined;
  };
  // Names of settings are ASCII, and the venue lists symbols that are not.
  const nameOf = (symbol: SymbolName): string => `${prefix}:${encodeURIComponent(symbol)}`;
  return {
    save: (settings, symbol, value, nowMs) =>
      settings.set(nameOf(symbol), JSON.stringify(value), nowMs),
    find: async (settings, symbol) => read(await settings.find(nameOf(symbol))),
    list: async (settings) => {
      const found = new Map<SymbolName, T>();
      for (const [name, text] of await settings.listByPrefix(`${prefix}:`)) {
        const value = read(text);
        if (value === undefined) continue;
        found.set(id<SymbolName>(decodeURIComponent(name.slice(prefix.length + 1))), value);
      }
      return found;
    },
  };
}
