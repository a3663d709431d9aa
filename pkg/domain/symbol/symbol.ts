import type { Reason } from '#pkg/base';
import type { SymbolName } from '../fleet/ids.ts';
import type { Notional, Price, Quantity } from '../money/money.ts';
import type { Direction } from '../position/direction.ts';

/** What the venue demands of an order in this symbol (exchangeInfo filters). */
export interface SymbolRules {
  readonly symbol: SymbolName;
  readonly tickSize: Price;
  readonly priceMin: Price;
  readonly priceMax: Price;
  readonly stepSize: Quantity;
  readonly quantityMin: Quantity;
  readonly quantityMax: Quantity;
  readonly marketStepSize: Quantity;
  readonly marketQuantityMin: Quantity;
  readonly marketQuantityMax: Quantity;
  readonly notionalMin: Notional;
}

/** One row of leverageBracket: up to `notionalCap` this leverage is allowed. */
export interface LeverageBracket {
  readonly bracket: number;
  readonly leverageMax: number;
  readonly notionalFloor: Notional;
  readonly notionalCap: Notional;
  /** Fraction, 0.004 is 0.4 %. */
  readonly maintenanceMarginRatio: number;
}

/** The venue's own view of a symbol. */
export interface VenueSymbol {
  readonly rules: SymbolRules;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly isTrading: boolean;
  readonly onboardAtMs: number;
  /** When the venue ends the contract and settles what is held; undefined while it has not announced that. */
  readonly deliversAtMs?: number | undefined;
}

/** One symbol row of the fleet. */
export interface TradedSymbol extends VenueSymbol {
  readonly brackets: readonly LeverageBracket[];
  readonly direction: Direction | undefined;
  readonly directionTimeframe: Timeframe | undefined;
  readonly directionAtMs: number | undefined;
  /** Why there is no direction, or why the symbol is not traded. */
  readonly reason: Reason | undefined;
  readonly updatedAtMs: number;
}

export const TIMEFRAMES = ['1h', '4h', '1d'] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];
export const TIMEFRAME_MS: Readonly<Record<Timeframe, number>> = {
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
};

export interface Candle {
  readonly openAtMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}
