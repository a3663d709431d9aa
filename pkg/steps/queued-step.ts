import { required } from '#pkg/base';
import type { LaneQueue, QueuedStep } from '#pkg/queues';
import type { StepRow } from '#pkg/store';

/** Returns the queue that the step waits in. */
export function queueOf(step: Pick<StepRow, 'lane' | 'box'>): LaneQueue {
  if (step.lane !== 'own') return { lane: step.lane };
  return { lane: 'own', box: required(step.box, 'a step of the lane own names its box.') };
}

/** Returns the queue entry of a ready row. */
export function toQueuedStep(step: StepRow): QueuedStep {
  return { queue: queueOf(step), stepId: step.id, epoch: step.epoch, isUrgent: step.isUrgent };
}

export function isSameQueue(a: LaneQueue, b: LaneQueue): boolean {
  return a.lane === b.lane && a.box === b.box;
}

/** Name and version of a handler, as `claim` compares them. */
export function handlerKey(handler: { readonly name: string; readonly version: number }): string {
  return `${handler.name}@${handler.version}`;
}
