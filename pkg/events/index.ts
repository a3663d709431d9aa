/**
 * events: what happened in the fleet, as facts for people: past-tense kinds, one sentence each.
 *
 * Feeds `-w`, the live screen, the pages' stream and notifications. Not a queue: nothing is triggered by an
 * event, because an announcement may be lost.
 */
export {
  createEventRecorder,
  type EventRecorder,
  type EventRecorderDependencies,
} from './recorder.ts';
