/**
 * signals: what the market says: its regime, symbols with their rules, candles, and a direction for each symbol.
 *
 * Readings come from a provider in bulk; a direction is concluded by unanimity, climbing from 1h to 4h to 1d
 * for what stays unclear. It chooses nothing and trades nothing: see selection. Invariant: a symbol without
 * a direction has a reason.
 */
import type { StepHandler } from '#pkg/steps';

import type { SignalDependencies } from './dependencies.ts';
import { createDirectionHandlers } from './direction-steps.ts';
import { createJudgeHandlers } from './judge-steps.ts';
import { createMarketHandlers } from './market-steps.ts';
import { createSymbolHandlers } from './symbol-steps.ts';

export {
  concludeDirections,
  judgeSymbols,
  pruneCandles,
  refreshCandles,
  refreshSymbols,
  scoreMarketHourly,
  watchMarketMinutely,
} from './definitions.ts';
export { requestJudging, type Unjudged } from './judge-steps.ts';
export type { SignalDependencies } from './dependencies.ts';
export { importCandles, type CandleImport, type ImportedSeries } from './import-candles.ts';

/** Returns the code of every step that refreshes symbols, candles and directions. */
export function createSignalHandlers(dependencies: SignalDependencies): StepHandler[] {
  return [
    ...createSymbolHandlers(dependencies),
    ...createDirectionHandlers(dependencies),
    ...createJudgeHandlers(dependencies),
    ...createMarketHandlers(dependencies),
  ];
}
