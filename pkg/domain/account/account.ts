import type { AccountId } from '../fleet/ids.ts';
import type { Direction } from '../position/direction.ts';

/** What an account may carry at most, in percent of its balance; asked by every order that opens. */
export interface RiskLimits {
  /** Worth of all ladders of one side, every rung filled. */
  readonly sideNotionalPercentMax: number;
  /** The same of both sides together. */
  readonly notionalPercentMax: number;
  /** Maintenance margin ÷ margin balance with the ladder of the order filled and its mark at the stop. */
  readonly marginRatioPercentMax: number;
  /** Loss if every open ladder of a side filled and were stopped together. */
  readonly stopLossPercentMax: number;
  /** Entries and rungs sent in one second; more wait. */
  readonly ordersPerSecondMax: number;
}

/**
 * Limits that the default settings stay below: six longs are worth 425 % filled and lose 51 % stopped, six shorts 567 %
 * and 50 % (domain.md 7.4 has the arithmetic of one ladder).
 */
export const DEFAULT_RISK_LIMITS: RiskLimits = {
  sideNotionalPercentMax: 800,
  notionalPercentMax: 1_400,
  marginRatioPercentMax: 60,
  stopLossPercentMax: 65,
  ordersPerSecondMax: 25,
};

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
  /** What differs from {@link DEFAULT_RISK_LIMITS}. */
  readonly risk?: Partial<RiskLimits>;
  /** False: whatever the account holds at the venue is the fleet's to close. Absent or true: the user's own is never touched. */
  readonly allowOtherPositions?: boolean;
  /** The same for orders that the fleet did not place. */
  readonly allowOtherOrders?: boolean;
  /** Number of the change of the account that set these; a position keeps the one it was opened by. */
  readonly version?: number;
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

export type AccountChangeKind =
  | 'added'
  | 'settings'
  | 'switched-on'
  | 'switched-off'
  | 'rotated'
  | 'armed'
  | 'disarmed';

/** One entry of an account's history. */
export interface AccountChange {
  readonly accountId: AccountId;
  /** Grows by one, from 1. */
  readonly number: number;
  readonly kind: AccountChangeKind;
  readonly who: string;
  readonly why: string;
  readonly atMs: number;
  /** As they stood after a change that set them. */
  readonly settings: AccountSettings | undefined;
}
