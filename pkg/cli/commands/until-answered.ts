import type { Clock } from '#pkg/base';
import { LocalError } from '#pkg/local';
import type { Interrupt } from '../context.ts';

/** The person asked to end before the answer came. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('interrupted before the fleet answered');
  }
}

export interface AnswerBounds {
  readonly clock: Clock;
  readonly interrupt: Interrupt;
}

/** Above the deadlines of single calls, so that the sentence of whoever is away comes first. */
export const ANSWER_MS_MAX = 5_500;

/**
 * Settles as `work` does, but rejects at once on an interrupt and after {@link ANSWER_MS_MAX} without an answer.
 *
 * What is left of `work` is given up: the connections under it retry for as long as the process lives, so a verb
 * that waited for them would outlive a fleet that has gone.
 */
export async function untilAnswered<T>(bounds: AnswerBounds, work: Promise<T>): Promise<T> {
  const { clock, interrupt } = bounds;
  const { promise, reject } = Promise.withResolvers<never>();
  const onInterrupt = (): void => reject(new InterruptedError());
  const cancel = clock.schedule(ANSWER_MS_MAX, () => {
    const message = `the fleet did not answer within ${ANSWER_MS_MAX / 1_000} s`;
    reject(new LocalError('FLEET_DOWN', message));
  });
  interrupt.requested.addEventListener('abort', onInterrupt);
  if (interrupt.requested.aborted) onInterrupt();
  try {
    return await Promise.race([work, promise]);
  } finally {
    cancel();
    interrupt.requested.removeEventListener('abort', onInterrupt);
  }
}
