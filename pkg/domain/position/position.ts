import type { Reason } from '#pkg/base';
import type { AccountSettings } from '../account/account.ts';
import type { AccountId, PositionId, SymbolName, WorkflowId } from '../fleet/ids.ts';
import type { Notional, Price, Quantity } from '../money/money.ts';
import type { Direction } from './direction.ts';
import type { PositionStatus } from './position-status.ts';

/** What a position goes by: the account's settings, made smaller where the market was uneasy. */
export interface PositionSettings extends AccountSettings {
  /** The score of the market when the slot was taken, 0 to 100, and its band; absent on older rows. */
  readonly bornUnder?: { readonly score: number; readonly band: string };
}

/** One position row. Prices and quantities are what the venue last said, never what we hope. */
export interface Position {
  readonly id: PositionId;
  readonly accountId: AccountId;
  readonly symbol: SymbolName;
  readonly direction: Direction;
  /** 1 to the account's slot count; unique among the open positions of (account, direction). */
  readonly slot: number;
  readonly status: PositionStatus;
  /** The account's settings when the position was created; later edits do not touch it. */
  readonly settings: PositionSettings;
  readonly marginUsdt: Notional | undefined;
  readonly leverage: number | undefined;
  /** Average price of the market fill: the anchor of the ladder. */
  readonly entryPrice: Price | undefined;
  /** Quantity of the market fill. */
  readonly entryQuantity: Quantity | undefined;
  /** Quantity that the venue holds, from REST; never from a stream. */
  readonly quantity: Quantity | undefined;
  readonly breakEvenPrice: Price | undefined;
  readonly profitPrice: Price | undefined;
  readonly stopPrice: Price | undefined;
  readonly openedAtMs: number | undefined;
  readonly closedAtMs: number | undefined;
  readonly closePrice: Price | undefined;
  readonly realizedPnl: Notional | undefined;
  readonly closeReason: PositionCloseReason | undefined;
  /** How often the profit order was moved after a rung filled. */
  readonly wapCount: number;
  /** Why the position waits or failed, for the page and the CLI. */
  readonly reason: Reason | undefined;
  readonly workflowId: WorkflowId | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type PositionCloseReason =
  | 'ProfitFilled'
  | 'StopFilled'
  | 'ClosedAtVenue'
  | 'Liquidated'
  | 'Deleveraged'
  | 'Settled'
  | 'ClosedByFleet'
  | 'OpeningFailed';
