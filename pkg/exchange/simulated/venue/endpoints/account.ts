/** Endpoints of an account: balances, positions, history, settings, stream keys, and what its key may do. */
import { findPosition, MAKER_FEE, TAKER_FEE } from '../accounting.ts';
import {
  changePositionMargin,
  closeListenKey,
  extendListenKey,
  openListenKey,
  setFeeBurn,
  setLeverage,
  setMarginType,
  setMultiAssets,
  setPositionMode,
} from '../account-settings.ts';
import { bracketsOf, notionalMaxAt } from '../brackets.ts';
import { marginOf, type Margin } from '../margin.ts';
import { optionalInteger, optionalText, text } from '../parameters.ts';
import { VenueRejection } from '../rejection.ts';
import type { AccountRow, PositionSide } from '../rows.ts';
import { listedSymbol, settingOf } from '../world.ts';
import {
  accountBody,
  adlQuantileOf,
  balanceBody,
  emptyPosition,
  positionBody,
  positionBodyV2,
} from './account-bodies.ts';
import {
  chosenSymbols,
  cut,
  keyed,
  limitOf,
  signed,
  type Endpoint,
  type EndpointCall,
} from './endpoint.ts';
import { incomeBody, tradeBody } from './order-bodies.ts';

/** Source: the venue's pages "Account Trade List" and "Get Income History". */
const TRADE_ROWS = { normal: 500, most: 1000, recentDays: 7, spanDays: 7 };
const MARGIN_ROWS = { normal: 500, most: 500, recentDays: 30, spanDays: 30 };
const INCOME_ROWS = { normal: 100, most: 1000, recentDays: 7 };
const DONE = { code: 200, msg: 'success' } as const;
const KEY_MADE_AT_MS = 1_600_000_000_000;

/** Version 3 lists only symbols with a position or an order. */
function positionsV3({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const symbols = new Set(chosenSymbols(world, parameters));
  const rows = new Map(
    [...world.state.positionsOf(account.key)].map((row) => [`${row.symbol}|${row.side}`, row]),
  );
  for (const order of world.state.openOrdersOf(account.key)) {
    const key = `${order.symbol}|${order.positionSide}`;
    if (rows.has(key)) continue;
    const known = findPosition(world, account.key, order.symbol, order.positionSide);
    rows.set(key, known ?? emptyPosition(account.key, order.symbol, order.positionSide));
  }
  let known: Margin | undefined;
  const accountMargin = (): Margin => (known ??= marginOf(world, account));
  return [...rows.values()]
    .filter((position) => symbols.has(position.symbol))
    .map((position) => positionBody(world, account, position, accountMargin));
}

function positionsV2({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const sides: readonly PositionSide[] = account.isHedge ? ['LONG', 'SHORT'] : ['BOTH'];
  return chosenSymbols(world, parameters).flatMap((symbol) =>
    sides.map((side) => positionBodyV2(world, account, symbol, side)),
  );
}

/** A walk by id knows no times: sent together they are refused. */
function userTrades(call: EndpointCall, account: AccountRow): unknown {
  const { world, parameters } = call;
  listedSymbol(world, text(parameters, 'symbol'));
  const fromId = optionalInteger(parameters, 'fromId');
  const isTimed = ['startTime', 'endTime'].some((name) => parameters[name] !== undefined);
  if (fromId !== undefined && isTimed) throw new VenueRejection('-1128');
  const orderId = optionalInteger(parameters, 'orderId');
  const trades = [...world.state.tradesOf(account.key)].filter(
    (trade) =>
      trade.symbol === parameters['symbol'] &&
      trade.tradeId >= (fromId ?? 0) &&
      (orderId === undefined || trade.orderId === orderId),
  );
  if (fromId === undefined) return cut(trades, call, TRADE_ROWS).map(tradeBody);
  return trades.slice(0, limitOf(parameters, TRADE_ROWS)).map(tradeBody);
}

function income(call: EndpointCall, account: AccountRow): unknown {
  const { world, parameters } = call;
  const kind = optionalText(parameters, 'incomeType');
  const rows = [...world.state.incomesOf(account.key)].filter(
    (row) => kind === undefined || row.kind === kind,
  );
  const page = optionalInteger(parameters, 'page') ?? 1;
  const limit = limitOf(parameters, INCOME_ROWS);
  if (page <= 1) return cut(rows, call, INCOME_ROWS).map(incomeBody);
  const whole = { ...INCOME_ROWS, normal: rows.length, most: rows.length };
  const all = cut(rows, { world, parameters: { ...parameters, limit: '' } }, whole);
  return all.slice((page - 1) * limit, page * limit).map(incomeBody);
}

function leverageBrackets({ world, parameters }: EndpointCall): unknown {
  return chosenSymbols(world, parameters).map((symbol) => ({
    symbol,
    brackets: bracketsOf(listedSymbol(world, symbol)),
  }));
}

function symbolConfig({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  return chosenSymbols(world, parameters).map((symbol) => {
    const setting = settingOf(world, account.key, symbol);
    return {
      symbol,
      marginType: setting.isIsolated ? 'ISOLATED' : 'CROSSED',
      isAutoAddMargin: false,
      leverage: setting.leverage,
      maxNotionalValue: String(notionalMaxAt(listedSymbol(world, symbol), setting.leverage)),
    };
  });
}

function accountConfig(_call: EndpointCall, account: AccountRow): unknown {
  return {
    feeTier: 0,
    canTrade: account.permissions.futures,
    canDeposit: true,
    canWithdraw: account.permissions.withdrawals,
    dualSidePosition: account.isHedge,
    updateTime: 0,
    multiAssetsMargin: account.isMultiAsset,
    tradeGroupId: -1,
  };
}

function commissionRate({ world, parameters }: EndpointCall): unknown {
  const { symbol } = listedSymbol(world, text(parameters, 'symbol'));
  return {
    symbol,
    makerCommissionRate: MAKER_FEE,
    takerCommissionRate: TAKER_FEE,
    rpiCommissionRate: '0.00005',
  };
}

/** Place in the deleveraging queue; hedge mode says HEDGE where both sides are held. */
function adlQuantile({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const symbols = new Map<string, Record<string, number>>();
  const asked = optionalText(parameters, 'symbol');
  for (const position of world.state.positionsOf(account.key)) {
    if (asked !== undefined && position.symbol !== asked) continue;
    const quantiles = symbols.get(position.symbol) ?? { LONG: 0, SHORT: 0, BOTH: 0 };
    quantiles[position.side] = adlQuantileOf(world, position);
    symbols.set(position.symbol, quantiles);
  }
  return [...symbols].map(([symbol, quantiles]) => ({ symbol, adlQuantile: quantiles }));
}

function marginHistory(call: EndpointCall, account: AccountRow): unknown {
  const { world, parameters } = call;
  text(parameters, 'symbol');
  const kind = optionalText(parameters, 'type');
  const rows = [...world.state.rows('marginChanges')].filter(
    (row) => row.account === account.key && (kind === undefined || String(row.type) === kind),
  );
  return cut(rows, call, MARGIN_ROWS).map((row) => ({
    symbol: row.symbol,
    type: row.type,
    deltaType: 'USER_ADJUST',
    amount: row.amount,
    asset: 'USDT',
    time: row.atMs,
    positionSide: row.positionSide,
  }));
}

/** What the key may do. Source: the wallet API's page "Get API Key Permission". */
function apiRestrictions(_call: EndpointCall, account: AccountRow): unknown {
  return {
    ipRestrict: account.addresses.length > 0,
    createTime: KEY_MADE_AT_MS,
    enableReading: account.permissions.reading,
    enableWithdrawals: account.permissions.withdrawals,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: account.permissions.futures,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: false,
    enablePortfolioMarginTrading: false,
  };
}

/** The coins of the wallet: here one. Source: the wallet API's page "All Coins' Information". */
function coins(_call: EndpointCall, account: AccountRow): unknown {
  return [
    {
      coin: 'USDT',
      name: 'TetherUS',
      depositAllEnable: false,
      withdrawAllEnable: false,
      free: account.wallet,
      freeze: '0',
      locked: '0',
      storage: '0',
      ipoable: '0',
      ipoing: '0',
      withdrawing: '0',
      isLegalMoney: false,
      trading: true,
      networkList: [],
    },
  ];
}

const SETTINGS: readonly Endpoint[] = [
  signed('POST', '/fapi/v1/leverage', 1, ({ world, parameters }, account) =>
    setLeverage(world, account, parameters),
  ),
  signed('POST', '/fapi/v1/marginType', 1, ({ world, parameters }, account) => {
    setMarginType(world, account, parameters);
    return DONE;
  }),
  signed('POST', '/fapi/v1/positionSide/dual', 1, ({ world, parameters }, account) => {
    setPositionMode(world, account, parameters);
    return DONE;
  }),
  signed('GET', '/fapi/v1/positionSide/dual', 30, (_call, account) => ({
    dualSidePosition: account.isHedge,
  })),
  signed('POST', '/fapi/v1/multiAssetsMargin', 1, ({ world, parameters }, account) => {
    setMultiAssets(world, account, parameters);
    return DONE;
  }),
  signed('GET', '/fapi/v1/multiAssetsMargin', 30, (_call, account) => ({
    multiAssetsMargin: account.isMultiAsset,
  })),
  signed('POST', '/fapi/v1/feeBurn', 1, ({ world, parameters }, account) => {
    setFeeBurn(world, account, parameters);
    return DONE;
  }),
  signed('GET', '/fapi/v1/feeBurn', 30, (_call, account) => ({ feeBurn: account.isFeeBurn })),
  signed('POST', '/fapi/v1/positionMargin', 1, ({ world, parameters }, account) => {
    const { amount, type } = changePositionMargin(world, account, parameters);
    return { amount: Number(amount), code: 200, msg: 'Successfully modify position margin.', type };
  }),
  signed('GET', '/fapi/v1/positionMargin/history', 1, marginHistory),
];

const STREAM_KEYS: readonly Endpoint[] = [
  keyed('POST', '/fapi/v1/listenKey', 1, ({ world }, account) => ({
    listenKey: openListenKey(world, account),
  })),
  keyed('PUT', '/fapi/v1/listenKey', 1, ({ world }, account) => ({
    listenKey: extendListenKey(world, account),
  })),
  keyed('DELETE', '/fapi/v1/listenKey', 1, ({ world }, account) => {
    closeListenKey(world, account);
    return {};
  }),
];

export const ACCOUNT_ENDPOINTS: readonly Endpoint[] = [
  signed('GET', '/fapi/v1/leverageBracket', 1, leverageBrackets),
  ...SETTINGS,
  signed('GET', '/fapi/v3/positionRisk', 5, positionsV3),
  signed('GET', '/fapi/v2/positionRisk', 5, positionsV2),
  signed('GET', '/fapi/v1/adlQuantile', 5, adlQuantile),
  signed('GET', '/fapi/v3/balance', 5, ({ world }, account) => [balanceBody(world, account)]),
  signed('GET', '/fapi/v2/balance', 5, ({ world }, account) => [balanceBody(world, account)]),
  signed('GET', '/fapi/v3/account', 5, ({ world }, account) => accountBody(world, account, 3)),
  signed('GET', '/fapi/v2/account', 5, ({ world }, account) => accountBody(world, account, 2)),
  signed('GET', '/fapi/v1/accountConfig', 5, accountConfig),
  signed('GET', '/fapi/v1/symbolConfig', 5, symbolConfig),
  signed('GET', '/fapi/v1/commissionRate', 20, commissionRate),
  signed('GET', '/fapi/v1/userTrades', 5, userTrades),
  signed('GET', '/fapi/v1/income', 30, income),
  signed('GET', '/sapi/v1/account/apiRestrictions', 1, apiRestrictions),
  signed('GET', '/sapi/v1/capital/config/getall', 10, coins),
  // Spot margin has no pair here; some clients ask before they read futures.
  keyed('GET', '/sapi/v1/margin/allPairs', 1, () => []),
  ...STREAM_KEYS,
];
