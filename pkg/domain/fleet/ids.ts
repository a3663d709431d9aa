import type { Branded } from '#pkg/base';

export type AccountId = Branded<string, 'AccountId'>;
export type PositionId = Branded<string, 'PositionId'>;
export type OrderId = Branded<string, 'OrderId'>;
export type WorkflowId = Branded<string, 'WorkflowId'>;
export type StepId = Branded<string, 'StepId'>;
/** Our id of an order at the venue, derived from its row: 1 to 36 of `[A-Za-z0-9_.:/-]`. */
export type ClientOrderId = Branded<string, 'ClientOrderId'>;
/** The venue's id of an order (`orderId`) or of a conditional order (`algoId`). */
export type VenueOrderId = Branded<string, 'VenueOrderId'>;
/** For example `BTCUSDT`. */
export type SymbolName = Branded<string, 'SymbolName'>;
/** For example `eos`. */
export type BoxName = Branded<string, 'BoxName'>;

/** Names a value as an id of the given kind; for the edges where rows and messages come in. */
export function id<T extends Branded<string, string>>(value: string): T {
  return value as T;
}
