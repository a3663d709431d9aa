import type { Clock, IdMaker, Random } from '#pkg/base';
import type { EventRecorder } from '#pkg/events';
import type { Exchange } from '#pkg/exchange';
import type { PriceBoard } from '#pkg/market-data';
import type { Store } from '#pkg/store';

export interface SelectionDependencies {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly prices: PriceBoard;
  readonly clock: Clock;
  readonly makeId: IdMaker;
  readonly random: Random;
  readonly events: EventRecorder;
}
