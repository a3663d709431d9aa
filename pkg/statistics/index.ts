/**
 * statistics: how two series of candles move together.
 *
 * Pure arithmetic over measurements: no clock, no I/O, no money. Everything is computed on moves (returns between
 * consecutive candles), never on price levels, so that two series which merely trend do not look related. What
 * cannot be computed is undefined or a reason, never NaN. Invariant: of more candles than asked for, the newest count.
 */
export { pearson, rankWithTies, spearman, type RollingSummary } from './correlation.ts';
export { elasticity } from './elasticity.ts';
export { measureSymbol, type SymbolMeasure } from './measure-symbol.ts';
export { closedCandles, movesOf, pairMoves, type PairedMoves } from './moves.ts';
export { mean, populationDeviation } from './spread.ts';
