import { WaitingError, Worker } from 'bullmq';

import { toError } from '#pkg/base';
import { id, type StepId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';
import type { QueueConsumer } from '../queues.ts';

/**
 * A job whose process died goes back to its lane after two checks. That only matters for a job that was
 * taken and not yet claimed: for a claimed one the row's own recovery is faster, and a job that comes back while
 * its row runs is refused by the row.
 */
const LOCK_MS = 3_000;
const STALLED_CHECK_MS = 1_000;
/** The row counts crashes, not the job. */
const STALLED_COUNT_MAX = 1_000_000;
/** Longest blocking wait; a shorter one costs commands, a longer one delays noticing a dead socket. */
const DRAIN_DELAY_SECONDS = 5;

export interface ConsumerOptions {
  readonly queueName: string;
  readonly connection: RedisConnection;
  readonly prefix: string;
  readonly logger: Logger;
  readonly take: (stepId: StepId) => Promise<void>;
}

interface JobContent {
  readonly stepId: string;
}

/** Starts a consumer with no slots; it takes jobs once `setSlots` gives it some. */
export function startConsumer(options: ConsumerOptions): QueueConsumer {
  const { queueName, logger } = options;
  let slots = 0;
  let isHeld = false;
  let isClosed = false;
  let isStarted = false;
  let isTaking = false;
  let tail: Promise<void> = Promise.resolve();
  const worker = createWorker(options, () => isTaking);

  const startTaking = async (): Promise<void> => {
    if (isStarted) return worker.resume();
    isStarted = true;
    worker.run().catch((error: unknown) => {
      logger.error({ err: toError(error), queue: queueName }, 'consumer ended');
    });
  };
  const apply = (): void => {
    const shouldTake = slots > 0 && !isHeld && !isClosed;
    if (slots > 0) worker.concurrency = slots;
    if (shouldTake === isTaking) return;
    isTaking = shouldTake;
    tail = tail
      .then(() => (shouldTake ? startTaking() : worker.pause(true)))
      .catch((error: unknown) => {
        logger.error({ err: toError(error), queue: queueName }, 'consumer could not change');
      });
  };
  return {
    setSlots: (wanted) => {
      slots = wanted;
      apply();
    },
    pause: () => {
      isHeld = true;
      apply();
    },
    resume: () => {
      isHeld = false;
      apply();
    },
    [Symbol.asyncDispose]: async () => {
      if (isClosed) return;
      isClosed = true;
      apply();
      await tail;
      await worker.close();
    },
  };
}

function createWorker(options: ConsumerOptions, isTaking: () => boolean): Worker<JobContent> {
  const { queueName, connection, prefix, logger, take } = options;
  const worker = new Worker<JobContent>(
    queueName,
    async (job, token) => {
      // The library may hand out one more job that it was waiting for when it was paused.
      if (!isTaking()) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      try {
        await take(id<StepId>(job.data.stepId));
      } catch (error) {
        logger.warn({ err: toError(error), step: job.data.stepId }, 'job failed; its row decides');
      }
    },
    {
      connection,
      prefix,
      autorun: false,
      concurrency: 1,
      drainDelay: DRAIN_DELAY_SECONDS,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: STALLED_COUNT_MAX,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      runRetryDelay: 250,
      skipVersionCheck: true,
    },
  );
  worker.on('error', (error) => logger.debug({ err: error, queue: queueName }, 'consumer error'));
  return worker;
}
