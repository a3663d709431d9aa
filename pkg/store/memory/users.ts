import { StoreConflictError } from '../errors.ts';
import type { Session, User, UserStore } from '../store.ts';

/** Returns people and sessions in memory. */
export function createMemoryUserStore(): UserStore {
  const users = new Map<string, User>();
  const sessions = new Map<string, Session>();
  const findByName = (name: string): User | undefined =>
    [...users.values()].find((user) => user.name === name);
  return {
    save: async (user) => {
      const namesake = findByName(user.name);
      if (namesake !== undefined && namesake.id !== user.id) {
        throw new StoreConflictError({ fields: { key: 'users_name', userId: user.id } });
      }
      users.set(user.id, user);
    },
    findByName: async (name) => findByName(name),
    findById: async (userId) => users.get(userId),
    count: async () => users.size,
    saveSession: async (session) => {
      sessions.set(session.tokenHash, session);
    },
    findSession: async (tokenHash) => sessions.get(tokenHash),
    pruneSessions: async (nowMs) => {
      const ended = [...sessions.values()].filter(({ expiresAtMs }) => expiresAtMs < nowMs);
      for (const { tokenHash } of ended) sessions.delete(tokenHash);
      return ended.length;
    },
    removeSession: async (tokenHash) => {
      sessions.delete(tokenHash);
    },
  };
}
