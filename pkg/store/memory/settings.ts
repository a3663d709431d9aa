import type { SettingStore } from '../store.ts';

/** Returns named values in memory. */
export function createMemorySettingStore(): SettingStore {
  const values = new Map<string, string>();
  return {
    find: async (name) => values.get(name),
    set: async (name, value) => {
      values.set(name, value);
    },
    setOnce: async (name, value) => {
      const standing = values.get(name);
      if (standing === undefined) values.set(name, value);
      return standing ?? value;
    },
  };
}
