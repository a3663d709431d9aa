import type { SettingStore } from '../store.ts';

/** Returns named values in memory. */
export function createMemorySettingStore(): SettingStore {
  const values = new Map<string, string>();
  return {
    find: async (name) => values.get(name),
    listByPrefix: async (prefix) =>
      new Map(
        [...values]
          .filter(([name]) => name.startsWith(prefix))
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
    set: async (name, value) => {
      values.set(name, value);
    },
    setOnce: async (name, value) => {
      const standing = values.get(name);
      if (standing === undefined) values.set(name, value);
      return standing ?? value;
    },
    setIf: async (name, { from, to }) => {
      if (values.get(name) !== from) return false;
      values.set(name, to);
      return true;
    },
    remove: async (name) => {
      values.delete(name);
    },
  };
}
