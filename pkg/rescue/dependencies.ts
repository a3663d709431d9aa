import type { Clock, IdMaker } from '#pkg/base';
import type { EventRecorder } from '#pkg/events';
import type { Exchange } from '#pkg/exchange';
import type { Store } from '#pkg/store';

/** What the rescue needs from outside. */
export interface RescueDependencies {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly makeId: IdMaker;
  readonly events: EventRecorder;
}
