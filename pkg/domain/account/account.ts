import type { AccountId } from '../fleet/ids.ts';
import type { Direction } from '../position/direction.ts';

/** What a trader sets for an account; snapshotted on each position. Percentages are percent (5 is 5 %). */
export interface AccountSettings {
  readonly slots: Readonly<Record<Direction, number>>;
  /** Share of the balance that one position may bind as margin. */
  readonly marginPercent: Readonly<Record<Direction, number>>;
  readonly leverageMax: Readonly<Record<Direction, number>>;
  /** Distance between rungs, percent of the entry price. */
  readonly gapPercent: Readonly<Record<Direction, number>>;
  /** Quantity multiplier of each rung over the order before it; the length is the number of rungs. */
  readonly multipliers: readonly number[];
  readonly profitPercent: number;
  /** Distance of the stop beyond the last rung, percent of that rung's price. */
  readonly stopPercent: number;
}

/** Defaults of the predecessor's production book (domain.md 7.4). */
export const DEFAULT_ACCOUNT_SETTINGS: AccountSettings = {
  slots: { long: 6, short: 6 },
  marginPercent: { long: 5, short: 5 },
  leverageMax: { long: 20, short: 15 },
  gapPercent: { long: 8.5, short: 9.5 },
  multipliers: [2, 2, 2, 2],
  profitPercent: 0.36,
  stopPercent: 2.5,
};

export interface Account {
  readonly id: AccountId;
  readonly name: string;
  readonly venue: 'binance';
  readonly apiKey: string;
  /** The secret, sealed with the fleet's key; only the exchange adapter opens it. */
  readonly sealedSecret: string;
  readonly isTradingOn: boolean;
  readonly settings: AccountSettings;
  readonly balanceUsdt: string | undefined;
  readonly availableUsdt: string | undefined;
  readonly balanceAtMs: number | undefined;
  readonly createdAtMs: number;
}
