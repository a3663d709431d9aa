/** Leverage, margin type and position mode of an account, and its stream keys. */
import { createHmac } from 'node:crypto';
import { Decimal } from '#pkg/base';
import type { ListedSymbol } from '../market/symbols.ts';
import { findPosition, positionAmount, positionKey } from './accounting.ts';
import { notionalMaxAt } from './brackets.ts';
import { emitAccount, emitLeverage, emitListenKeyExpired, emitMultiAssets } from './frames.ts';
import { marginOf, positionMarginOf } from './margin.ts';
import {
  decimal,
  integer,
  oneOf,
  optionalBoolean,
  optionalOneOf,
  text,
  type Parameters,
} from './parameters.ts';
import { missing, VenueRejection } from './rejection.ts';
import type { AccountRow, ListenKeyRow, MarginChangeRow } from './rows.ts';
import { listedSymbol, nextNumber, plain, settingOf, type World } from './world.ts';

const LISTEN_KEY_MS = 3_600_000;

/** Sets the initial leverage of a symbol. */
export function setLeverage(
  world: World,
  account: AccountRow,
  parameters: Parameters,
): { readonly symbol: string; readonly leverage: number; readonly maxNotionalValue: string } {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const leverage = integer(parameters, 'leverage');
  if (leverage < 1 || leverage > listed.leverageMax) {
    throw new VenueRejection('-4028', `Leverage ${leverage} is not valid`);
  }
  const setting = settingOf(world, account.key, listed.symbol);
  checkLeverage(world, account, listed, leverage);
  world.state.put('settings', `${account.key}|${listed.symbol}`, { ...setting, leverage });
  emitLeverage(world, account.key, { symbol: listed.symbol, leverage });
  return {
    symbol: listed.symbol,
    leverage,
    maxNotionalValue: String(notionalMaxAt(listed, leverage)),
  };
}

/** More leverage allows less size; less leverage binds more margin. */
function checkLeverage(
  world: World,
  account: AccountRow,
  listed: ListedSymbol,
  leverage: number,
): void {
  const setting = settingOf(world, account.key, listed.symbol);
  const held = [...world.state.positionsOf(account.key)].filter(
    (position) => position.symbol === listed.symbol,
  );
  for (const position of held) {
    const { worth } = positionMarginOf(world, position);
    if (worth.gt(notionalMaxAt(listed, leverage))) throw new VenueRejection('-2027');
    if (leverage >= setting.leverage) continue;
    if (setting.isIsolated) throw new VenueRejection('-4161');
    const more = worth.div(leverage).minus(worth.div(setting.leverage));
    if (more.gt(marginOf(world, account).available)) throw new VenueRejection('-2028');
  }
}

/** Sets cross or isolated margin; -4046 when it is so already. */
export function setMarginType(world: World, account: AccountRow, parameters: Parameters): void {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const isIsolated = oneOf(parameters, 'marginType', ['ISOLATED', 'CROSSED']) === 'ISOLATED';
  const setting = settingOf(world, account.key, listed.symbol);
  if (setting.isIsolated === isIsolated) throw new VenueRejection('-4046');
  if (isIsolated && account.isMultiAsset) throw new VenueRejection('-4168');
  if (holds(world.state.openOrdersOf(account.key), listed.symbol))
    throw new VenueRejection('-4047');
  if (holds(world.state.positionsOf(account.key), listed.symbol)) throw new VenueRejection('-4048');
  world.state.put('settings', `${account.key}|${listed.symbol}`, { ...setting, isIsolated });
}

function holds(rows: Iterable<{ readonly symbol: string }>, symbol: string): boolean {
  return [...rows].some((row) => row.symbol === symbol);
}

/** Switches between hedge and one-way mode; -4059 when it is so already. */
export function setPositionMode(world: World, account: AccountRow, parameters: Parameters): void {
  const isHedge = optionalBoolean(parameters, 'dualSidePosition') ?? missing('dualSidePosition');
  if (isHedge === account.isHedge) throw new VenueRejection('-4059');
  const hasOrders =
    [...world.state.openOrdersOf(account.key)].length > 0 ||
    [...world.state.openAlgosOf(account.key)].length > 0;
  if (hasOrders) throw new VenueRejection('-4067');
  if ([...world.state.positionsOf(account.key)].length > 0) throw new VenueRejection('-4068');
  world.state.put('accounts', account.key, { ...account, isHedge });
}

/** Switches between one margin asset and several; the simulated wallet holds USDT alone either way. */
export function setMultiAssets(world: World, account: AccountRow, parameters: Parameters): void {
  const isMultiAsset =
    optionalBoolean(parameters, 'multiAssetsMargin') ?? missing('multiAssetsMargin');
  if (isMultiAsset === account.isMultiAsset) throw new VenueRejection('-4171');
  const hasIsolated = [...world.state.rows('settings')].some(
    (setting) => setting.account === account.key && setting.isIsolated,
  );
  if (isMultiAsset && hasIsolated) throw new VenueRejection('-4167');
  if ([...world.state.openOrdersOf(account.key)].length > 0) throw new VenueRejection('-4170');
  world.state.put('accounts', account.key, { ...account, isMultiAsset });
  emitMultiAssets(world, account.key, isMultiAsset);
}

export function setFeeBurn(world: World, account: AccountRow, parameters: Parameters): void {
  const isFeeBurn = optionalBoolean(parameters, 'feeBurn') ?? missing('feeBurn');
  world.state.put('accounts', account.key, { ...account, isFeeBurn });
}

/** Adds to the margin of an isolated position, or takes of it what the position does not need. */
export function changePositionMargin(
  world: World,
  account: AccountRow,
  parameters: Parameters,
): MarginChangeRow {
  const { symbol } = listedSymbol(world, text(parameters, 'symbol'));
  const type = oneOf(parameters, 'type', ['1', '2']) === '1' ? 1 : 2;
  const amount = decimal(parameters, 'amount');
  const positionSide =
    optionalOneOf(parameters, 'positionSide', ['BOTH', 'LONG', 'SHORT'], '-4060') ?? 'BOTH';
  if (amount.lte(0)) throw new VenueRejection('-4055');
  if (!settingOf(world, account.key, symbol).isIsolated) throw new VenueRejection('-4049');
  const position = findPosition(world, account.key, symbol, positionSide);
  if (position === undefined || positionAmount(position).isZero()) {
    throw new VenueRejection('-4054');
  }
  const { initial, unrealized } = positionMarginOf(world, position);
  const spare = new Decimal(position.isolatedWallet)
    .plus(Decimal.min(0, unrealized))
    .minus(initial);
  if (type === 1 && amount.gt(marginOf(world, account).available)) {
    throw new VenueRejection('-4050');
  }
  if (type === 2 && amount.gt(spare)) throw new VenueRejection('-4051');
  const apart = new Decimal(position.isolatedWallet).plus(type === 1 ? amount : amount.negated());
  const changed = { ...position, isolatedWallet: plain(apart), updatedAtMs: world.nowMs };
  world.state.put('positions', positionKey(account.key, symbol, positionSide), changed);
  const sent = amount.toFixed();
  const owner = { account: account.key, symbol, positionSide };
  const row: MarginChangeRow = { ...owner, type, amount: sent, atMs: world.nowMs };
  world.state.put('marginChanges', nextNumber(world, 'lastTranId'), row);
  emitAccount(world, account.key, 'MARGIN_TRANSFER', { positions: [changed], balanceChange: '0' });
  return row;
}

/** Returns the account's stream key, new or extended to 60 minutes. */
export function openListenKey(world: World, account: AccountRow): string {
  const active = listenKeyOf(world, account);
  const listenKey = active?.listenKey ?? mintKey(world, account);
  const row = { listenKey, account: account.key, expiresAtMs: world.nowMs + LISTEN_KEY_MS };
  world.state.put('listenKeys', listenKey, row);
  return listenKey;
}

/** Extends the account's stream key; -1125 when there is none. */
export function extendListenKey(world: World, account: AccountRow): string {
  if (listenKeyOf(world, account) === undefined) throw new VenueRejection('-1125');
  return openListenKey(world, account);
}

export function closeListenKey(world: World, account: AccountRow): void {
  const active = listenKeyOf(world, account);
  if (active !== undefined) world.state.remove('listenKeys', active.listenKey);
}

/** Ends stream keys whose hour has passed, with the event that says so. */
export function expireListenKeys(world: World): void {
  for (const row of world.state.rows('listenKeys').toArray()) {
    if (row.expiresAtMs > world.nowMs) continue;
    world.state.remove('listenKeys', row.listenKey);
    emitListenKeyExpired(world, row.account, row.listenKey);
  }
}

function listenKeyOf(world: World, account: AccountRow): ListenKeyRow | undefined {
  for (const row of world.state.rows('listenKeys')) {
    if (row.account === account.key && row.expiresAtMs > world.nowMs) return row;
  }
  return undefined;
}

/** 64 characters like the venue's, from which nobody guesses another. */
function mintKey(world: World, account: AccountRow): string {
  const number = nextNumber(world, 'lastListenKey');
  return createHmac('sha256', account.secret)
    .update(`${account.key}/${number}/${world.nowMs}`)
    .digest('hex');
}
