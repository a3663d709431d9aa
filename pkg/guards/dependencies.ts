import type { Clock } from '#pkg/base';
import type { EventRecorder } from '#pkg/events';
import type { Exchange } from '#pkg/exchange';
import type { Store } from '#pkg/store';

/** What the guards need from outside. */
export interface GuardDependencies {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly events: EventRecorder;
  /** How long one run of an entry of the timetable may take; undefined for what is no entry. */
  readonly overlapMsMaxOf: (entry: string) => number | undefined;
}
