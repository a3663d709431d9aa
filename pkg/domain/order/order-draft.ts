import { assert } from '#pkg/base';
import type { AccountId, ClientOrderId, OrderId, PositionId, SymbolName } from '../fleet/ids.ts';
import type { Price, Quantity } from '../money/money.ts';
import { entrySide, exitSide, type Direction } from '../position/direction.ts';
import type { OpeningPlan } from '../position/opening.ts';
import type { Order, OrderPurpose } from './order.ts';

/** What an order row is made of before anything was sent. */
export type OrderDraft = Pick<
  Order,
  | 'id'
  | 'positionId'
  | 'accountId'
  | 'symbol'
  | 'direction'
  | 'purpose'
  | 'rungIndex'
  | 'side'
  | 'clientOrderId'
  | 'price'
  | 'quantity'
  | 'replacesOrderId'
  | 'createdAtMs'
>;

const PURPOSE_LETTERS: Readonly<Record<OrderPurpose, string>> = {
  entry: 'e',
  rung: 'r',
  stop: 's',
  profit: 'p',
  close: 'c',
};
const CLIENT_ID_LENGTH_MAX = 36;

/** What tells one order of a position from another. */
export interface OrderSlot {
  readonly purpose: OrderPurpose;
  /** 1 to N for rungs, 0 otherwise. */
  readonly rungIndex: number;
  /** 1 for the first order of this slot, 2 for its replacement, and so on. */
  readonly generation: number;
}

/**
 * Returns the id of an order row: the same position and slot always give the same id.
 *
 * So a repeated run plans the same rows, and the unique index makes of two intents one.
 */
export function orderIdOf(positionId: PositionId, slot: OrderSlot): OrderId {
  const letter = PURPOSE_LETTERS[slot.purpose];
  const replaced = slot.generation > 1 ? `-${slot.generation}` : '';
  return `${positionId}-${letter}${slot.rungIndex}${replaced}` as OrderId;
}

/** Returns the id under which the venue knows an order; derived from the row's id and nothing else. */
export function clientOrderIdOf(orderId: OrderId): ClientOrderId {
  const clientOrderId = `k-${orderId}`;
  assert(
    clientOrderId.length <= CLIENT_ID_LENGTH_MAX && /^[\w.:/-]+$/.test(clientOrderId),
    'An order id gives a client order id of at most 36 plain characters.',
  );
  return clientOrderId as ClientOrderId;
}

const LETTER_PURPOSES = new Map(
  Object.entries(PURPOSE_LETTERS).map(([purpose, letter]) => [letter, purpose as OrderPurpose]),
);
const OWN_CLIENT_ID = /^k-(?<position>.+)-(?<letter>[a-z])(?<rung>\d+)(?:-(?<generation>\d+))?$/u;

/** Which order of which position a client id names; undefined for an id that the fleet never makes. */
export function parseClientOrderId(
  clientOrderId: string,
): ({ readonly positionId: PositionId } & OrderSlot) | undefined {
  const parts = OWN_CLIENT_ID.exec(clientOrderId)?.groups;
  const purpose = LETTER_PURPOSES.get(parts?.['letter'] ?? '');
  if (parts === undefined || purpose === undefined) return undefined;
  return {
    positionId: (parts['position'] ?? '') as PositionId,
    purpose,
    rungIndex: Number(parts['rung']),
    generation: Number(parts['generation'] ?? 1),
  };
}

/** The pair that an order belongs to. */
export interface OrderOwner {
  readonly positionId: PositionId;
  readonly accountId: AccountId;
  readonly symbol: SymbolName;
  readonly direction: Direction;
}

/** Drafts one order row. */
export function draftOrder(
  owner: OrderOwner,
  slot: OrderSlot,
  terms: {
    readonly price?: Price | undefined;
    readonly quantity?: Quantity | undefined;
    readonly replacesOrderId?: OrderId | undefined;
    readonly nowMs: number;
  },
): OrderDraft {
  const isOpening = slot.purpose === 'entry' || slot.purpose === 'rung';
  const orderId = orderIdOf(owner.positionId, slot);
  return {
    id: orderId,
    positionId: owner.positionId,
    accountId: owner.accountId,
    symbol: owner.symbol,
    direction: owner.direction,
    purpose: slot.purpose,
    rungIndex: slot.rungIndex,
    side: isOpening ? entrySide(owner.direction) : exitSide(owner.direction),
    clientOrderId: clientOrderIdOf(orderId),
    price: terms.price,
    quantity: terms.quantity,
    replacesOrderId: terms.replacesOrderId,
    createdAtMs: terms.nowMs,
  };
}

/**
 * Drafts every order of an opening: entry, stop, rungs, profit.
 *
 * Committed together before the entry is sent, so that whoever sent the entry may place its stop.
 */
export function draftOpening(
  owner: OrderOwner,
  plan: Extract<OpeningPlan, { readonly kind: 'feasible' }>,
  nowMs: number,
): readonly OrderDraft[] {
  const first = (purpose: OrderPurpose, rungIndex = 0): OrderSlot => ({
    purpose,
    rungIndex,
    generation: 1,
  });
  const { prices, entryQuantity } = plan;
  return [
    draftOrder(owner, first('entry'), { quantity: entryQuantity, nowMs }),
    draftOrder(owner, first('stop'), { price: prices.stopPrice, nowMs }),
    ...prices.rungs.map((rung) =>
      draftOrder(owner, first('rung', rung.index), {
        price: rung.price,
        quantity: rung.quantity,
        nowMs,
      }),
    ),
    draftOrder(owner, first('profit'), {
      price: prices.profitPrice,
      quantity: entryQuantity,
      nowMs,
    }),
  ];
}
