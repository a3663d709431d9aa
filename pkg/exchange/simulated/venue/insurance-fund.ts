/** The insurance fund: what it holds is what it began with and the sum of its rows, each with its reason. */
import { Decimal } from '#pkg/base';
import {
  addIncome,
  findPosition,
  positionAmount,
  reduces,
  type Fill,
  type FillResult,
} from './accounting.ts';
import { emitAccount } from './frames.ts';
import { marginOf } from './margin.ts';
import type { FundRow, PositionRow } from './rows.ts';
import { accountOf, meta, nextNumber, plain, settingOf, type World } from './world.ts';

/** Moves the fund and writes down why. */
export function moveFund(world: World, change: Omit<FundRow, 'id' | 'atMs'>): void {
  const id = nextNumber(world, 'lastTranId');
  world.state.put('fund', id, { ...change, id, atMs: world.nowMs });
  const row = meta(world);
  const insuranceFund = new Decimal(row.insuranceFund).plus(change.amount).toFixed();
  world.state.put('meta', 'all', { ...row, insuranceFund });
}

/** Moves an amount between the fund and a wallet because of a position that was closed; negative is paid to the fund. */
export function moveInsurance(world: World, closed: PositionRow, amount: Decimal): void {
  const account = accountOf(world, closed.account);
  const rounded = plain(amount);
  const wallet = plain(new Decimal(account.wallet).plus(rounded));
  world.state.put('accounts', account.key, { ...account, wallet });
  const kind = Number(rounded) < 0 ? 'CLEARANCE' : 'COVER';
  const fundAmount = new Decimal(rounded).negated().toFixed();
  const owner = { account: account.key, symbol: closed.symbol };
  moveFund(world, { ...owner, kind, amount: fundAmount });
  addIncome(world, {
    account: account.key,
    symbol: closed.symbol,
    kind: 'INSURANCE_CLEAR',
    amount: rounded,
    tradeId: '',
  });
  const position = findPosition(world, closed.account, closed.symbol, closed.side);
  emitAccount(world, account.key, 'INSURANCE_CLEAR', {
    positions: position === undefined ? [] : [position],
    balanceChange: rounded,
  });
}

/**
 * An isolated position answers with its own margin alone: what a fill that reduces it loses beyond the margin of what
 * was closed, the fund pays. So a post on the venue's site describes the mode (binance.com/en/square/post/936323); that it
 * holds for a customer's own stop in a gap is assumed.
 */
export function coverIsolated(
  world: World,
  before: PositionRow | undefined,
  fill: Fill,
  { realized, fee, position }: FillResult,
): void {
  const { order, quantity } = fill;
  const held = positionAmount(before).abs();
  if (before === undefined || held.isZero()) return;
  if (!settingOf(world, order.account, order.symbol).isIsolated) return;
  if (!reduces(order.side, order.positionSide, positionAmount(before))) return;
  const closed = Decimal.min(held, quantity);
  const margin = closed.div(held).times(before.isolatedWallet);
  const lost = fee.times(closed).div(quantity).minus(realized);
  const beyond = new Decimal(plain(lost.minus(margin)));
  if (beyond.gt(0)) moveInsurance(world, position, beyond);
}

/**
 * Who closed at a price beyond what was there owes nothing: the fund brings the wallet back to zero. Source: the
 * venue's help page "Liquidation Protocols".
 */
export function forgiveDebt(world: World, closed: PositionRow): void {
  const account = accountOf(world, closed.account);
  const { crossWallet, crossMaintenance } = marginOf(world, account);
  if (crossMaintenance.isZero() && crossWallet.lt(0)) {
    moveInsurance(world, closed, crossWallet.negated());
  }
}
