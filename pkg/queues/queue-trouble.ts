import { toError, type Reason } from '#pkg/base';
import type { RedisConnection } from '#pkg/redis';

/** What keeps ready steps from their lanes; undefined when nothing does. */
export type QueueTrouble = Extract<Reason, `Queues${string}`> | undefined;

/** Long enough for nobody: the write itself is what is asked. */
const PROBE_MS = 1_000;

/**
 * Asks Redis by a write, as whoever enqueues would; never rejects.
 *
 * The words at the beginning of a refusal are Redis's own error codes: `OOM` above `maxmemory`, `READONLY` of a replica,
 * `MISCONF` when it cannot save and stops writes.
 */
export async function findQueueTrouble(
  redis: RedisConnection,
  namespace: string,
): Promise<QueueTrouble> {
  const prefix = `{${namespace}}`;
  try {
    await redis.set(`${prefix}:probe`, '1', 'PX', PROBE_MS);
    return (await redis.exists(primedKeyOf(prefix))) === 1 ? undefined : 'QueuesWiped';
  } catch (error) {
    const { message } = toError(error);
    if (message.startsWith('OOM')) return 'QueuesOutOfMemory';
    if (message.startsWith('READONLY') || message.startsWith('MISCONF')) return 'QueuesReadOnly';
    return 'QueuesUnreachable';
  }
}

/** The marker of a Redis whose jobs are those of the rows. */
export function primedKeyOf(prefix: string): string {
  return `${prefix}:primed`;
}
