/**
 * Funding: every eight hours longs pay shorts, or the other way round.
 *
 * Rate = average premium + clamp(interest − average premium, ±0.05 %), held within the symbol's cap and
 * floor. Source: the venue's help page "Introduction to Binance Futures Funding Rates".
 */
import { Decimal } from '#pkg/base';
import type { Market } from '../market/market.ts';
import { addIncome, positionKey } from './accounting.ts';
import { emitAccount } from './frames.ts';
import type { PositionRow } from './rows.ts';
import { accountOf, meta, plain, settingOf, type World } from './world.ts';

export const FUNDING_MS = 28_800_000;
export const INTEREST_RATE = 0.0001;
/** Cap and floor of the rate. */
export const RATE_BOUND = 0.02;
const CLAMP = 0.0005;
const SAMPLES = 32;

/** When funding is next settled. */
export function nextFundingMs(nowMs: number): number {
  return Math.floor(nowMs / FUNDING_MS) * FUNDING_MS + FUNDING_MS;
}

/** Returns the rate of the period that ends at `endMs`, from the premium up to `nowMs`. */
export function fundingRateOf(
  market: Market,
  symbol: string,
  endMs: number,
  nowMs = endMs,
): number {
  const startMs = endMs - FUNDING_MS;
  const untilMs = Math.max(startMs + 1, Math.min(endMs, nowMs));
  let sum = 0;
  for (let index = 1; index <= SAMPLES; index += 1) {
    sum += market.premiumAt(symbol, startMs + ((untilMs - startMs) * index) / SAMPLES);
  }
  const premium = sum / SAMPLES;
  const rate = premium + Math.min(CLAMP, Math.max(-CLAMP, INTEREST_RATE - premium));
  return Number(Math.min(RATE_BOUND, Math.max(-RATE_BOUND, rate)).toFixed(8));
}

/** Settles funding at `world.nowMs`, which is one of its instants. */
export function settleFunding(world: World): void {
  for (const account of world.state.accountsWithPositions()) {
    for (const position of world.state.positionsOf(account).toArray()) payFunding(world, position);
  }
  world.state.put('meta', 'all', { ...meta(world), lastFundingMs: world.nowMs });
}

function payFunding(world: World, position: PositionRow): void {
  const rate = fundingRateOf(world.market, position.symbol, world.nowMs);
  const { mark } = world.quote(position.symbol);
  const amount = plain(mark.times(position.amount).times(rate).negated());
  if (Number(amount) === 0) return;
  const account = accountOf(world, position.account);
  const wallet = plain(new Decimal(account.wallet).plus(amount));
  world.state.put('accounts', account.key, { ...account, wallet });
  const { isIsolated } = settingOf(world, account.key, position.symbol);
  const paid: PositionRow = isIsolated
    ? { ...position, isolatedWallet: plain(new Decimal(position.isolatedWallet).plus(amount)) }
    : position;
  if (isIsolated) {
    world.state.put('positions', positionKey(account.key, position.symbol, position.side), paid);
  }
  addIncome(world, {
    account: account.key,
    symbol: position.symbol,
    kind: 'FUNDING_FEE',
    amount,
    tradeId: '',
  });
  // For a cross position only the balance is told.
  emitAccount(world, account.key, 'FUNDING_FEE', {
    positions: isIsolated ? [paid] : [],
    balanceChange: amount,
    symbol: position.symbol,
  });
}
