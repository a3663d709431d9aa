/** Leverage, margin type and position mode of an account, and its stream keys. */
import { createHmac } from 'node:crypto';
import { Decimal } from '#pkg/base';
import type { ListedSymbol } from '../market/symbols.ts';
import { emitLeverage, emitListenKeyExpired } from './frames.ts';
import { integer, oneOf, optionalBoolean, text, type Parameters } from './parameters.ts';
import { missing, VenueRejection } from './rejection.ts';
import type { AccountRow, ListenKeyRow } from './rows.ts';
import { listedSymbol, nextNumber, settingOf, type World } from './world.ts';

const LISTEN_KEY_MS = 3_600_000;

export interface Bracket {
  readonly bracket: number;
  readonly initialLeverage: number;
  readonly notionalCap: number;
  readonly notionalFloor: number;
  readonly maintMarginRatio: number;
  readonly cum: number;
}

/** Returns the leverage brackets of a symbol: less leverage as the position grows. */
export function bracketsOf(listed: ListedSymbol): readonly Bracket[] {
  const scale = listed.firstPrice === undefined ? 10 : 1;
  const steps = [
    { cap: 10_000, leverage: listed.leverageMax, ratio: 0.005 },
    { cap: 50_000, leverage: Math.min(50, listed.leverageMax), ratio: 0.0065 },
    { cap: 500_000, leverage: 25, ratio: 0.01 },
    { cap: 2_000_000, leverage: 10, ratio: 0.05 },
    { cap: 5_000_000, leverage: 5, ratio: 0.1 },
    { cap: 20_000_000, leverage: 2, ratio: 0.25 },
    { cap: 50_000_000, leverage: 1, ratio: 0.5 },
  ];
  let floor = 0;
  let cum = new Decimal(0);
  let ratioBefore = 0.005;
  return steps.map(({ cap, leverage, ratio }, index) => {
    cum = cum.plus(new Decimal(ratio).minus(ratioBefore).times(floor));
    const bracket: Bracket = {
      bracket: index + 1,
      initialLeverage: leverage,
      notionalCap: cap * scale,
      notionalFloor: floor,
      maintMarginRatio: ratio,
      cum: cum.toNumber(),
    };
    floor = cap * scale;
    ratioBefore = ratio;
    return bracket;
  });
}

/** Returns what the venue would allow in quote currency at a leverage. */
export function notionalMaxAt(listed: ListedSymbol, leverage: number): number {
  const allowed = bracketsOf(listed).filter((bracket) => bracket.initialLeverage >= leverage);
  return allowed.at(-1)?.notionalCap ?? 0;
}

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
  world.state.put('settings', `${account.key}|${listed.symbol}`, { ...setting, leverage });
  emitLeverage(world, account.key, { symbol: listed.symbol, leverage });
  return {
    symbol: listed.symbol,
    leverage,
    maxNotionalValue: String(notionalMaxAt(listed, leverage)),
  };
}

/** Sets cross or isolated margin; -4046 when it is so already. */
export function setMarginType(world: World, account: AccountRow, parameters: Parameters): void {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const isIsolated = oneOf(parameters, 'marginType', ['ISOLATED', 'CROSSED']) === 'ISOLATED';
  const setting = settingOf(world, account.key, listed.symbol);
  if (setting.isIsolated === isIsolated) throw new VenueRejection('-4046');
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
