/** Endpoints of an account: balances, positions, history, settings, stream keys. */
import {
  bracketsOf,
  closeListenKey,
  extendListenKey,
  notionalMaxAt,
  openListenKey,
  setLeverage,
  setMarginType,
  setPositionMode,
} from './account-settings.ts';
import {
  accountBody,
  balanceBody,
  incomeBody,
  positionBody,
  positionBodyV2,
  tradeBody,
} from './bodies.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { optionalInteger, optionalText, text, type Parameters } from './parameters.ts';
import { VenueRejection } from './rejection.ts';
import type { AccountRow, PositionSide } from './rows.ts';
import { listedSymbol, settingOf, type World } from './world.ts';

const ROWS_MAX = 1000;
const DONE = { code: 200, msg: 'success' } as const;

function chosenSymbols(world: World, parameters: Parameters): readonly string[] {
  const symbol = optionalText(parameters, 'symbol');
  if (symbol === undefined) return [...world.symbols.keys()];
  return [listedSymbol(world, symbol).symbol];
}

/** Version 3 lists only symbols with a position or an order. */
function positionsV3({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const symbols = new Set(chosenSymbols(world, parameters));
  const positions = [...world.state.positionsOf(account.key)];
  return positions
    .filter((position) => symbols.has(position.symbol))
    .map((position) => positionBody(world, position));
}

function positionsV2({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const sides: readonly PositionSide[] = account.isHedge ? ['LONG', 'SHORT'] : ['BOTH'];
  return chosenSymbols(world, parameters).flatMap((symbol) =>
    sides.map((side) => positionBodyV2(world, account, symbol, side)),
  );
}

interface Dated {
  readonly symbol: string;
  readonly atMs: number;
}

/** Cuts a history to symbol, times and limit; without a start the newest rows are meant. */
function cut<Row extends Dated>(
  rows: Iterable<Row>,
  parameters: Parameters,
  limitDefault: number,
): readonly Row[] {
  const symbol = optionalText(parameters, 'symbol');
  const startMs = optionalInteger(parameters, 'startTime');
  const endMs = optionalInteger(parameters, 'endTime') ?? Number.POSITIVE_INFINITY;
  const limit = optionalInteger(parameters, 'limit') ?? limitDefault;
  if (limit < 1 || limit > ROWS_MAX) throw new VenueRejection('-1130');
  const found = [...rows].filter(
    (row) =>
      (symbol === undefined || row.symbol === symbol) &&
      row.atMs >= (startMs ?? 0) &&
      row.atMs <= endMs,
  );
  return startMs === undefined ? found.slice(-limit) : found.slice(0, limit);
}

function userTrades({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  listedSymbol(world, text(parameters, 'symbol'));
  const fromId = optionalInteger(parameters, 'fromId') ?? 0;
  const orderId = optionalInteger(parameters, 'orderId');
  const trades = [...world.state.tradesOf(account.key)].filter(
    (trade) => trade.tradeId >= fromId && (orderId === undefined || trade.orderId === orderId),
  );
  return cut(trades, parameters, 500).map(tradeBody);
}

function income({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const kind = optionalText(parameters, 'incomeType');
  const rows = [...world.state.incomesOf(account.key)].filter(
    (row) => kind === undefined || row.kind === kind,
  );
  return cut(rows, parameters, 100).map(incomeBody);
}

function leverageBrackets({ world, parameters }: EndpointCall): unknown {
  return chosenSymbols(world, parameters).map((symbol) => ({
    symbol,
    notionalCoef: 1,
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
    canTrade: true,
    canDeposit: true,
    canWithdraw: false,
    dualSidePosition: account.isHedge,
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
  };
}

const weighs = (weight: number) => (): number => weight;

type SignedRun = (call: EndpointCall, account: AccountRow) => unknown;

function signed(
  method: Endpoint['method'],
  path: string,
  weight: number,
  run: SignedRun,
): Endpoint {
  return { method, path, security: 'signed', weight: weighs(weight), run };
}

function keyed(method: Endpoint['method'], path: string, run: SignedRun): Endpoint {
  return { method, path, security: 'key', weight: weighs(1), run };
}

export const ACCOUNT_ENDPOINTS: readonly Endpoint[] = [
  signed('GET', '/fapi/v1/leverageBracket', 1, leverageBrackets),
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
  signed('GET', '/fapi/v1/multiAssetsMargin', 30, () => ({ multiAssetsMargin: false })),
  signed('GET', '/fapi/v3/positionRisk', 5, positionsV3),
  signed('GET', '/fapi/v2/positionRisk', 5, positionsV2),
  signed('GET', '/fapi/v3/balance', 5, ({ world }, account) => [balanceBody(world, account)]),
  signed('GET', '/fapi/v2/balance', 5, ({ world }, account) => [balanceBody(world, account)]),
  signed('GET', '/fapi/v3/account', 5, ({ world }, account) => accountBody(world, account, 3)),
  signed('GET', '/fapi/v2/account', 5, ({ world }, account) => accountBody(world, account, 2)),
  signed('GET', '/fapi/v1/accountConfig', 5, accountConfig),
  signed('GET', '/fapi/v1/symbolConfig', 5, symbolConfig),
  signed('GET', '/fapi/v1/userTrades', 5, userTrades),
  signed('GET', '/fapi/v1/income', 30, income),
  keyed('POST', '/fapi/v1/listenKey', ({ world }, account) => ({
    listenKey: openListenKey(world, account),
  })),
  keyed('PUT', '/fapi/v1/listenKey', ({ world }, account) => ({
    listenKey: extendListenKey(world, account),
  })),
  keyed('DELETE', '/fapi/v1/listenKey', ({ world }, account) => {
    closeListenKey(world, account);
    return {};
  }),
];
