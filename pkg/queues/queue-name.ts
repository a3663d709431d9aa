import { required } from '#pkg/base';
import type { LaneQueue } from './queues.ts';

/** Returns the name that people and Redis know the queue by: `positions`, or `own-eos`. */
export function queueNameOf(queue: LaneQueue): string {
  if (queue.lane !== 'own') return queue.lane;
  return `own-${required(queue.box, 'the queue of the lane own names its box.')}`;
}
