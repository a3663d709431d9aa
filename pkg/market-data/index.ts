/** market-data: symbols, candles and mark prices as the fleet keeps them. */
export type { PriceBoard } from './price-board.ts';
