import { toError, type Clock } from '#pkg/base';
import { StoreUnavailableError } from '#pkg/store';

/** What is read of the database for each key, once in a while, and goes on for a while when the database is away. */
export interface BoundedRead<K, T> {
  /**
   * Returns what was read at most `freshMs` ago, or, while the database does not answer, at most `awayMsMax` ago.
   * Throws what the read throws; what another error said is not used again.
   */
  get(key: K, awayMsMax: number): Promise<T>;
}

/** A database that takes longer is as good as away. */
const ANSWER_MS = 300;

export function createBoundedRead<K, T>(
  { clock, read }: { readonly clock: Clock; readonly read: (key: K) => Promise<T> },
  { freshMs }: { readonly freshMs: number },
): BoundedRead<K, T> {
  const underWay = new Map<K, { readonly readAtMs: number; readonly value: Promise<T> }>();
  const lastRead = new Map<K, { readonly readAtMs: number; readonly value: T }>();

  const readFresh = async (key: K, nowMs: number): Promise<T> => {
    const known = underWay.get(key);
    if (known !== undefined && nowMs - known.readAtMs < freshMs) return known.value;
    const entry = { readAtMs: nowMs, value: read(key) };
    underWay.set(key, entry);
    try {
      const value = await entry.value;
      lastRead.set(key, { readAtMs: nowMs, value });
      return value;
    } catch (error) {
      if (underWay.get(key) === entry) underWay.delete(key);
      if (!(error instanceof StoreUnavailableError)) lastRead.delete(key);
      throw error;
    }
  };
  return {
    get: async (key, awayMsMax) => {
      const nowMs = clock.monotonicMs();
      const last = lastRead.get(key);
      if (last === undefined) return readFresh(key, nowMs);
      const ageMs = nowMs - last.readAtMs;
      if (ageMs < freshMs) return last.value;
      const fresh = readFresh(key, nowMs);
      return ageMs < awayMsMax ? unlessAway(clock, fresh, last.value) : fresh;
    },
  };
}

/** Resolves with `fresh`, or with `last` when the database is away or does not answer in time. */
function unlessAway<T>(clock: Clock, fresh: Promise<T>, last: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(ANSWER_MS, () => {
      resolve(last);
    });
    fresh.finally(cancel).then(resolve, (error: unknown) => {
      if (error instanceof StoreUnavailableError) resolve(last);
      else reject(toError(error));
    });
  });
}
