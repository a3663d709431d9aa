/**
 * The fields that we use of the venue's answers; whatever else they carry is kept out.
 *
 * Shapes: developers.binance.com, USD-M futures, REST API; documented examples stand in `tests/payloads`.
 */
import { Type } from 'typebox';

import { createAnswerCheck } from './answers.ts';

const Id = Type.Union([Type.String(), Type.Integer()]);
/** As many digits as the rows keep: what is longer is no amount of this venue. */
const DecimalText = Type.String({ pattern: '^-?\\d{1,18}(\\.\\d{1,18})?$' });
const UnsignedInteger = Type.String({ pattern: '^\\d{1,20}$' });
const UnsignedText = Type.String({ pattern: '^\\d{1,18}(\\.\\d{1,18})?$' });
const Side = Type.Union([Type.Literal('BUY'), Type.Literal('SELL')]);
const PositionSide = Type.Union([
  Type.Literal('LONG'),
  Type.Literal('SHORT'),
  Type.Literal('BOTH'),
]);

const Order = Type.Object({
  orderId: Id,
  clientOrderId: Type.String(),
  symbol: Type.String(),
  side: Side,
  positionSide: PositionSide,
  status: Type.String(),
  price: UnsignedText,
  origQty: UnsignedText,
  executedQty: UnsignedText,
  avgPrice: Type.Optional(UnsignedText),
  updateTime: Type.Integer(),
});
export type OrderAnswer = Type.Static<typeof Order>;

const AlgoOrder = Type.Object({
  algoId: Id,
  clientAlgoId: Type.String(),
  symbol: Type.String(),
  side: Side,
  positionSide: PositionSide,
  algoStatus: Type.String(),
  triggerPrice: UnsignedText,
  quantity: Type.Optional(Type.Union([UnsignedText, Type.Null()])),
  actualOrderId: Type.Optional(Type.Union([Id, Type.Null()])),
  updateTime: Type.Integer(),
});
export type AlgoOrderAnswer = Type.Static<typeof AlgoOrder>;

const PriceFilter = Type.Object({
  tickSize: UnsignedText,
  minPrice: UnsignedText,
  maxPrice: UnsignedText,
});
const LotFilter = Type.Object({
  stepSize: UnsignedText,
  minQty: UnsignedText,
  maxQty: UnsignedText,
});
const NotionalFilter = Type.Object({ notional: UnsignedText });
export const checkPriceFilter = createAnswerCheck(PriceFilter);
export const checkLotFilter = createAnswerCheck(LotFilter);
export const checkNotionalFilter = createAnswerCheck(NotionalFilter);

const SymbolRow = Type.Object({
  symbol: Type.String(),
  status: Type.String(),
  contractType: Type.String(),
  baseAsset: Type.String(),
  quoteAsset: Type.String(),
  onboardDate: Type.Optional(Type.Integer()),
  deliveryDate: Type.Optional(Type.Integer()),
  filters: Type.Array(Type.Object({ filterType: Type.String() })),
});
export type SymbolAnswer = Type.Static<typeof SymbolRow>;

export const checkTime = createAnswerCheck(Type.Object({ serverTime: Type.Integer() }));
export const checkExchangeInfo = createAnswerCheck(
  Type.Object({
    rateLimits: Type.Array(
      Type.Object({
        rateLimitType: Type.String(),
        interval: Type.String(),
        intervalNum: Type.Integer(),
        limit: Type.Integer(),
      }),
    ),
    symbols: Type.Array(SymbolRow),
  }),
);
const Brackets = Type.Object({
  symbol: Type.String(),
  brackets: Type.Array(
    Type.Object({
      bracket: Type.Integer(),
      initialLeverage: Type.Number(),
      // The last bracket is capped at 2^63 − 1, which `parseAnswer` leaves as text.
      notionalCap: Type.Union([Type.Number({ minimum: 0 }), UnsignedInteger]),
      notionalFloor: Type.Number(),
      maintMarginRatio: Type.Number(),
    }),
  ),
});
export type BracketsAnswer = Type.Static<typeof Brackets>;
export const checkBrackets = createAnswerCheck(Type.Array(Brackets));
const Kline = Type.Array(Type.Union([Type.String(), Type.Number()]), { minItems: 6 });
export const checkKlines = createAnswerCheck(Type.Array(Kline));
export const checkMarkPrice = createAnswerCheck(
  Type.Object({ symbol: Type.String(), markPrice: UnsignedText, time: Type.Integer() }),
);
export const checkBalances = createAnswerCheck(
  Type.Array(
    Type.Object({ asset: Type.String(), balance: DecimalText, availableBalance: DecimalText }),
  ),
);
const Position = Type.Object({
  symbol: Type.String(),
  positionSide: PositionSide,
  positionAmt: DecimalText,
  entryPrice: UnsignedText,
  breakEvenPrice: UnsignedText,
  markPrice: UnsignedText,
  unRealizedProfit: DecimalText,
  liquidationPrice: DecimalText,
});
export type PositionAnswer = Type.Static<typeof Position>;
export const checkPositions = createAnswerCheck(Type.Array(Position));
const Trade = Type.Object({
  id: Id,
  orderId: Id,
  symbol: Type.String(),
  side: Side,
  positionSide: PositionSide,
  price: UnsignedText,
  qty: UnsignedText,
  realizedPnl: DecimalText,
  commission: DecimalText,
  time: Type.Integer(),
});
export type TradeAnswer = Type.Static<typeof Trade>;
export const checkTrades = createAnswerCheck(Type.Array(Trade));
const Income = Type.Object({
  symbol: Type.Optional(Type.String()),
  incomeType: Type.String(),
  income: DecimalText,
  asset: Type.String(),
  time: Type.Integer(),
  tranId: Id,
  tradeId: Type.Optional(Id),
});
export type IncomeAnswer = Type.Static<typeof Income>;
export const checkIncome = createAnswerCheck(Type.Array(Income));
export const checkOrder = createAnswerCheck(Order);
export const checkOrders = createAnswerCheck(Type.Array(Order));
export const checkAlgoOrder = createAnswerCheck(AlgoOrder);
/** A new algo order's answer says that it was taken; the rest is what we sent. */
export const checkPlacedAlgoOrder = createAnswerCheck(
  Type.Object({
    algoId: Id,
    clientAlgoId: Type.String(),
    algoStatus: Type.String(),
    updateTime: Type.Integer(),
  }),
);
export const checkAlgoOrders = createAnswerCheck(Type.Array(AlgoOrder));
export const checkListenKey = createAnswerCheck(
  Type.Object({ listenKey: Type.String({ minLength: 1 }) }),
);
/** Source: developers.binance.com, Wallet, "Get API Key Permission". */
export const checkKeyPermissions = createAnswerCheck(
  Type.Object({
    ipRestrict: Type.Boolean(),
    enableFutures: Type.Boolean(),
    enableWithdrawals: Type.Boolean(),
  }),
);
/** An answer of which nothing is used. */
export const checkAnything = createAnswerCheck(Type.Unknown());
