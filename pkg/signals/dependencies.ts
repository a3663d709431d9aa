import type { Clock } from '#pkg/base';
import type { EventRecorder } from '#pkg/events';
import type { Exchange } from '#pkg/exchange';
import type { Indicators } from '#pkg/indicators';
import type { PriceBoard } from '#pkg/market-data';
import type { StepContext } from '#pkg/steps';
import type { Store } from '#pkg/store';

import type { ReadOwn } from './own-readings.ts';

export interface SignalDependencies {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly indicators: Indicators;
  readonly prices: PriceBoard;
  readonly clock: Clock;
  readonly events: EventRecorder;
  /** The second source of readings; stored candles when absent. */
  readonly readOwn?: ReadOwn;
  /** Directions are fresh, or the market allows openings again: whoever fills slots may look at once. Idempotent. */
  readonly onDirectionsConcluded: (context: StepContext) => Promise<void>;
}
