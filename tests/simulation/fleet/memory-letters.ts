import type { DeadLetter, DeadLetters } from '#pkg/streams';

/** Returns the dead letters of a disk that outlives processes. */
export function createMemoryLetters(): DeadLetters {
  let letters: readonly DeadLetter[] = [];
  return {
    append: async (letter) => {
      letters = [...letters, letter];
    },
    waiting: () => {
      const counts = new Map<DeadLetter['accountId'], number>();
      for (const { accountId } of letters) counts.set(accountId, (counts.get(accountId) ?? 0) + 1);
      return counts;
    },
    drain: async (store) => {
      for (const letter of letters) {
        try {
          await store(letter);
        } catch {
          // It stays, and is offered again.
          return;
        }
        letters = letters.filter((other) => other !== letter);
      }
    },
  };
}
