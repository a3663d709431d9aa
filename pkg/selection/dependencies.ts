import type { Clock, IdMaker, Random } from '#pkg/base';
import type { EventRecorder } from '#pkg/events';
import type { Exchange } from '#pkg/exchange';
import type { PriceBoard } from '#pkg/market-data';
import type { Direction, SymbolName } from '#pkg/domain';
import type { StepContext } from '#pkg/steps';
import type { Store } from '#pkg/store';

export interface SelectionDependencies {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly prices: PriceBoard;
  readonly clock: Clock;
  readonly makeId: IdMaker;
  readonly random: Random;
  readonly events: EventRecorder;
  /** Has symbols judged that would be candidates but for a missing backtest. Idempotent while others are judged. */
  readonly onUnjudged: (
    context: StepContext,
    symbols: readonly { readonly symbol: SymbolName; readonly direction: Direction }[],
  ) => Promise<void>;
  /** Whether a ladder needs a verdict before it is built; `heeded`: only one that stands against it counts. */
  readonly backtests?: 'required' | 'heeded';
}
