import type { Clock } from '#pkg/base';
import type { EventRecorder } from '#pkg/events';
import type { Store } from '#pkg/store';

/** What the guards need from outside. */
export interface GuardDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly events: EventRecorder;
}
