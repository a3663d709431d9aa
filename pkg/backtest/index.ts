/**
 * backtest: what a ladder would have done in a symbol, and whether it may be traded there.
 *
 * A position is opened at every candle of a history and followed to its profit, its stop or the end. Pure: candles
 * and a setup in, figures and a verdict out. It knows neither the venue's filters nor funding nor the queue at a
 * price. Invariant: a candle's adverse price comes first, and after it only its close is known to follow, so no
 * stop is missed that the candles can show.
 */
export { judgeSetup, type Suggestion, type Verdict, type VerdictKind } from './judge-setup.ts';
export { prepareHistory, type History } from './history.ts';
export { ladderKeyOf, setupOf, VENUE_FEES, type LadderSetup } from './setup.ts';
export { ENDED, simulateStarts, type StartOutcomes } from './simulate-starts.ts';
export { summarizeOutcomes, type BacktestFigures } from './summarize-outcomes.ts';
