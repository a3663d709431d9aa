/**
 * The frames of the venue's streams, decoded once at the edge.
 *
 * Shapes: developers.binance.com, USD-M futures, "User Data Streams" and "Mark Price Stream"; documented
 * examples stand in `tests/payloads`.
 */
import { Type } from 'typebox';

import { id, quantity, type Direction, type SymbolName } from '#pkg/domain';

import type { UserEvent } from '../user-event.ts';
import { createAnswerCheck, parseAnswer } from './answers.ts';
import {
  decodeAlgoStatus,
  decodeDirection,
  decodeOrderStatus,
  positivePrice,
  unsigned,
  venueOrderId,
} from './decode.ts';
import { findForcedCause } from './forced.ts';

const Id = Type.Union([Type.String(), Type.Integer()]);
/** As many digits as the rows keep: what is longer is no amount of this venue. */
const DecimalText = Type.String({ pattern: '^-?\\d{1,18}(\\.\\d{1,18})?$' });
const UnsignedText = Type.String({ pattern: '^\\d{1,18}(\\.\\d{1,18})?$' });
const Side = Type.Union([Type.Literal('BUY'), Type.Literal('SELL')]);
const PositionSide = Type.Union([
  Type.Literal('LONG'),
  Type.Literal('SHORT'),
  Type.Literal('BOTH'),
]);

const checkHeader = createAnswerCheck(Type.Object({ e: Type.String(), E: Type.Integer() }));

/** `i` order id, `x` execution type, `X` status, `z` filled in all, `ap` average price, `T` time of trade. */
const checkOrderFrame = createAnswerCheck(
  Type.Object({
    T: Type.Integer(),
    o: Type.Object({
      s: Type.String(),
      c: Type.String(),
      S: Side,
      ps: PositionSide,
      x: Type.String(),
      X: Type.String(),
      i: Id,
      p: DecimalText,
      ap: DecimalText,
      z: UnsignedText,
    }),
  }),
);

/** `aid`/`caid` algo id and client id, `tp` trigger, `ai`/`ap`/`aq` id, price and quantity of what it became. */
const checkAlgoFrame = createAnswerCheck(
  Type.Object({
    T: Type.Integer(),
    o: Type.Object({
      s: Type.String(),
      caid: Type.String(),
      aid: Id,
      S: Side,
      ps: PositionSide,
      X: Type.String(),
      tp: DecimalText,
      ap: Type.Optional(Type.Union([DecimalText, Type.Literal(''), Type.Null()])),
      aq: Type.Optional(Type.Union([UnsignedText, Type.Literal(''), Type.Null()])),
    }),
  }),
);

const checkAccountFrame = createAnswerCheck(
  Type.Object({
    T: Type.Integer(),
    a: Type.Object({
      P: Type.Optional(
        Type.Array(Type.Object({ s: Type.String(), pa: DecimalText, ps: PositionSide })),
      ),
    }),
  }),
);

const USER_STREAM = 'user stream';

/** Returns one frame of a user stream as an event, or throws ExchangeProtocolError naming the bad field. */
export function decodeUserFrame(text: string): UserEvent {
  const frame = unwrap(parseAnswer(text, USER_STREAM));
  const { e: name, E: atMs } = checkHeader(frame, USER_STREAM);
  if (isCoinMargined(frame)) return { kind: 'ignored', name, atMs };
  switch (name) {
    case 'ORDER_TRADE_UPDATE':
      return decodeOrderFrame(frame, atMs);
    case 'ALGO_UPDATE':
      return decodeAlgoFrame(frame, atMs);
    case 'ACCOUNT_UPDATE':
      return decodeAccountFrame(frame, atMs);
    case 'listenKeyExpired':
      return { kind: 'stream-key-expired', streamKey: findStreamKey(frame), atMs };
    default:
      return { kind: 'ignored', name, atMs };
  }
}

/** All-market streams tell COIN-M symbols by `st` 2; were an account's to bring them, they would be none of ours. */
function isCoinMargined(frame: unknown): boolean {
  return (frame as { readonly st?: unknown }).st === 2;
}

function findStreamKey(frame: unknown): string | undefined {
  const { listenKey } = frame as { readonly listenKey?: unknown };
  return typeof listenKey === 'string' ? listenKey : undefined;
}

function decodeOrderFrame(frame: unknown, atMs: number): UserEvent {
  const { o: order, T } = checkOrderFrame(frame, 'ORDER_TRADE_UPDATE');
  return {
    kind: 'order',
    symbol: id(order.s),
    clientOrderId: id(order.c),
    direction: decodeDirection(order.ps, order.S),
    isConditional: false,
    isForced: findForcedCause(order.c) !== undefined,
    report: {
      status: decodeOrderStatus(order.X, 'ORDER_TRADE_UPDATE'),
      venueOrderId: venueOrderId(order.i),
      price: positivePrice(order.p),
      filledQuantity: quantity(order.z),
      averagePrice: positivePrice(order.ap),
      updatedAtMs: T,
    },
    isAmendment: order.x === 'AMENDMENT',
    atMs,
  };
}

function decodeAlgoFrame(frame: unknown, atMs: number): UserEvent {
  const { o: order, T } = checkAlgoFrame(frame, 'ALGO_UPDATE');
  const filled = quantity(
    order.aq === undefined || order.aq === null || order.aq === '' ? 0 : order.aq,
  );
  return {
    kind: 'order',
    symbol: id(order.s),
    clientOrderId: id(order.caid),
    direction: decodeDirection(order.ps, order.S),
    isConditional: true,
    isForced: false,
    report: {
      status: decodeAlgoStatus(order.X, filled.greaterThan(0), 'ALGO_UPDATE'),
      venueOrderId: venueOrderId(order.aid),
      price: positivePrice(order.tp),
      filledQuantity: filled,
      averagePrice: positivePrice(order.ap),
      updatedAtMs: T,
    },
    isAmendment: false,
    atMs,
  };
}

/** In hedge mode the venue sends BOTH rows too; they are always empty and say nothing of a direction. */
function decodeAccountFrame(frame: unknown, atMs: number): UserEvent {
  const { a: account } = checkAccountFrame(frame, 'ACCOUNT_UPDATE');
  const positions = (account.P ?? []).flatMap(({ s, pa, ps }) => {
    const size = unsigned(pa);
    if (ps === 'BOTH' && size.isZero()) return [];
    const isShort = ps === 'SHORT' || (ps === 'BOTH' && pa.startsWith('-'));
    const direction: Direction = isShort ? 'short' : 'long';
    return [{ symbol: id<SymbolName>(s), direction, quantity: size }];
  });
  return { kind: 'account', positions, atMs };
}

/** Returns what the combined wrapper holds. */
export function unwrap(frame: unknown): unknown {
  if (typeof frame !== 'object' || frame === null || !('stream' in frame)) return frame;
  return 'data' in frame ? frame.data : frame;
}
