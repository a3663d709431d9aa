/**
 * Messages of the user stream, field by field as documented.
 *
 * Source: the venue's pages "Event: Order Update", "Event: Balance and Position Update", "Event: Algo Order
 * Update", "Event: Trade Lite" and "Event: User Data Stream Expired" for USD-M futures.
 */
import { Decimal } from '#pkg/base';
import { breakEvenPrice, unrealizedOf } from './accounting.ts';
import type { AccountRow, AlgoRow, OrderRow, PositionRow, TradeRow } from './rows.ts';
import { accountOf, plain, settingOf, type World } from './world.ts';

export type ExecutionType = 'NEW' | 'CANCELED' | 'CALCULATED' | 'EXPIRED' | 'TRADE' | 'AMENDMENT';

export function averagePriceOf(order: OrderRow): string {
  const executed = new Decimal(order.executed);
  return executed.isZero() ? '0' : plain(new Decimal(order.quote).div(executed), 10);
}

/** Why an order ended by itself: `er`. Source: the page "Event: Order Update", section "Expiry Reason". */
const EXPIRY_REASONS = {
  none: '0',
  selfTrade: '1',
  iocRest: '2',
  reduced: '4',
  liquidation: '5',
  delisted: '7',
  marketRest: '9',
} as const;

export type ExpiryReason = keyof typeof EXPIRY_REASONS;

/** ORDER_TRADE_UPDATE */
export function emitOrder(
  world: World,
  order: OrderRow,
  execution: ExecutionType,
  told: { readonly trade?: TradeRow; readonly reason?: ExpiryReason } = {},
): void {
  const { trade, reason = 'none' } = told;
  const isLiquidation = order.autoClose !== '';
  const o = {
    s: order.symbol,
    c: order.clientOrderId,
    S: order.side,
    o: isLiquidation ? 'LIQUIDATION' : order.type,
    f: order.timeInForce,
    q: order.quantity,
    p: order.price,
    ap: averagePriceOf(order),
    sp: '0',
    x: execution,
    X: order.status,
    i: order.orderId,
    l: trade?.quantity ?? '0',
    z: order.executed,
    L: trade?.price ?? '0',
    N: 'USDT',
    n: trade?.fee ?? '0',
    T: world.nowMs,
    t: trade?.tradeId ?? 0,
    b: '0',
    a: '0',
    m: trade?.isMaker ?? false,
    R: order.reduceOnly,
    wt: 'CONTRACT_PRICE',
    ot: isLiquidation ? 'LIQUIDATION' : order.origType,
    ps: order.positionSide,
    cp: order.closePosition,
    rp: trade?.realized ?? '0',
    pP: false,
    si: order.algoId ?? 0,
    ss: 0,
    V: order.selfTradeMode,
    pm: order.priceMatch,
    gtd: order.goodTillMs,
    er: EXPIRY_REASONS[reason],
  };
  if (execution === 'TRADE' && trade !== undefined) emitTradeLite(world, order, trade);
  world.emit({
    account: order.account,
    payload: { e: 'ORDER_TRADE_UPDATE', T: world.nowMs, E: world.nowMs, o },
  });
}

/** TRADE_LITE: the trade alone, ahead of its ORDER_TRADE_UPDATE. Source: the venue's page "Event: Trade Lite". */
function emitTradeLite(world: World, order: OrderRow, trade: TradeRow): void {
  const payload = {
    e: 'TRADE_LITE',
    E: world.nowMs,
    T: world.nowMs,
    s: order.symbol,
    q: order.quantity,
    p: order.price,
    m: trade.isMaker,
    c: order.clientOrderId,
    S: order.side,
    L: trade.price,
    l: trade.quantity,
    t: trade.tradeId,
    i: order.orderId,
  };
  world.emit({ account: order.account, payload });
}

/** Why balances or positions changed; the venue's page "Event: Balance and Position Update" has the list. */
export type AccountUpdateReason =
  | 'ORDER'
  | 'DEPOSIT'
  | 'FUNDING_FEE'
  | 'MARGIN_TRANSFER'
  | 'INSURANCE_CLEAR'
  | 'ADJUSTMENT';

/** ACCOUNT_UPDATE of the positions that changed. */
export function emitAccount(
  world: World,
  accountKey: string,
  reason: AccountUpdateReason,
  change: {
    readonly positions: readonly PositionRow[];
    readonly balanceChange: string;
    /** Told for funding alone, of which only the balance is told. */
    readonly symbol?: string;
  },
): void {
  const { wallet } = accountOf(world, accountKey);
  let cross = new Decimal(wallet);
  for (const position of world.state.positionsOf(accountKey)) {
    cross = cross.minus(position.isolatedWallet);
  }
  const P = change.positions.map((position) => ({
    s: position.symbol,
    pa: position.amount,
    ep: position.entryPrice,
    bep: plain(breakEvenPrice(position), 10),
    cr: position.realized,
    up: plain(unrealizedOf(position, world.quote(position.symbol).mark)),
    mt: settingOf(world, accountKey, position.symbol).isIsolated ? 'isolated' : 'cross',
    iw: position.isolatedWallet,
    ps: position.side,
    ma: 'USDT',
  }));
  world.emit({
    account: accountKey,
    payload: {
      e: 'ACCOUNT_UPDATE',
      T: world.nowMs,
      E: world.nowMs,
      a: {
        m: reason,
        ...(change.symbol === undefined ? {} : { S: change.symbol }),
        B: [{ a: 'USDT', wb: wallet, cw: plain(cross), bc: change.balanceChange }],
        P,
      },
    },
  });
}

/** ALGO_UPDATE */
export function emitAlgo(world: World, algo: AlgoRow, actual?: OrderRow): void {
  const o = {
    caid: algo.clientAlgoId,
    aid: algo.algoId,
    at: 'CONDITIONAL',
    o: algo.type,
    s: algo.symbol,
    S: algo.side,
    ps: algo.positionSide,
    f: algo.timeInForce,
    q: algo.quantity,
    X: algo.status,
    ai: algo.actualOrderId === undefined ? '' : String(algo.actualOrderId),
    ...(actual === undefined
      ? {}
      : { ap: averagePriceOf(actual), aq: actual.executed, act: actual.type }),
    tp: algo.triggerPrice,
    p: algo.price,
    V: algo.selfTradeMode,
    wt: algo.workingType,
    pm: algo.priceMatch,
    cp: algo.closePosition,
    pP: algo.priceProtect,
    R: algo.reduceOnly,
    tt: algo.triggeredAtMs,
    gtd: algo.goodTillMs,
    rm: algo.rejectReason,
    ...(algo.type === 'TRAILING_STOP_MARKET'
      ? { ia: algo.isActivated, AP: algo.activatePrice, cr: algo.callbackRate }
      : {}),
  };
  world.emit({
    account: algo.account,
    payload: { e: 'ALGO_UPDATE', T: world.nowMs, E: world.nowMs, o },
  });
}

export function emitListenKeyExpired(world: World, account: string, listenKey: string): void {
  world.emit({ account, payload: { e: 'listenKeyExpired', E: world.nowMs, listenKey } });
}

/** ACCOUNT_CONFIG_UPDATE after a change of leverage. */
export function emitLeverage(
  world: World,
  account: string,
  change: { readonly symbol: string; readonly leverage: number },
): void {
  world.emit({
    account,
    payload: {
      e: 'ACCOUNT_CONFIG_UPDATE',
      E: world.nowMs,
      T: world.nowMs,
      ac: { s: change.symbol, l: change.leverage },
    },
  });
}

/** MARGIN_CALL: sent once when the margin has come near its end. */
export function emitMarginCall(
  world: World,
  account: AccountRow,
  called: {
    readonly crossWallet: Decimal;
    readonly positions: readonly {
      readonly position: PositionRow;
      readonly unrealized: Decimal;
      readonly maintenance: Decimal;
      readonly isIsolated: boolean;
    }[];
  },
): void {
  const p = called.positions.map(({ position, unrealized, maintenance, isIsolated }) => ({
    s: position.symbol,
    ps: position.side,
    pa: position.amount,
    mt: isIsolated ? 'ISOLATED' : 'CROSSED',
    iw: position.isolatedWallet,
    mp: plain(world.quote(position.symbol).mark),
    up: plain(unrealized),
    mm: plain(maintenance),
  }));
  const payload = { e: 'MARGIN_CALL', E: world.nowMs, cw: plain(called.crossWallet), p };
  world.emit({ account: account.key, payload });
}

/** ACCOUNT_CONFIG_UPDATE after a change of the margin asset mode. */
export function emitMultiAssets(world: World, account: string, isOn: boolean): void {
  const payload = { e: 'ACCOUNT_CONFIG_UPDATE', E: world.nowMs, T: world.nowMs, ai: { j: isOn } };
  world.emit({ account, payload });
}
