/**
 * Positions and money: what a fill does to a position and to a balance.
 *
 * Wallet = deposits + realized profit − fees ± funding ± insurance: the sum of its incomes, always. Part of
 * it may be set apart for isolated positions.
 */
import { Decimal } from '#pkg/base';
import type { IncomeRow, OrderRow, PositionRow, PositionSide, Side } from './rows.ts';
import { accountOf, nextNumber, plain, settingOf, type World } from './world.ts';

export const MAKER_FEE = '0.0002';
export const TAKER_FEE = '0.0005';
/** Taken from a customer who pays fees in the venue's own coin. */
const BURN_DISCOUNT = '0.9';
const ZERO = new Decimal(0);

export interface Fill {
  readonly order: OrderRow;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly isMaker: boolean;
}

export interface FillResult {
  readonly realized: Decimal;
  readonly fee: Decimal;
  readonly position: PositionRow;
}

export function positionKey(account: string, symbol: string, side: PositionSide): string {
  return `${account}|${symbol}|${side}`;
}

export function findPosition(
  world: World,
  account: string,
  symbol: string,
  side: PositionSide,
): PositionRow | undefined {
  return world.state.get('positions', positionKey(account, symbol, side));
}

/** Quantity with its sign; zero where there is no position. */
export function positionAmount(position: PositionRow | undefined): Decimal {
  return new Decimal(position?.amount ?? 0);
}

/** Does an order on this side shrink a position of `amount` on `positionSide`? */
export function reduces(side: Side, positionSide: PositionSide, amount: Decimal): boolean {
  if (positionSide === 'LONG') return side === 'SELL';
  if (positionSide === 'SHORT') return side === 'BUY';
  return side === 'BUY' ? amount.lt(0) : amount.gt(0);
}

export function unrealizedOf(position: PositionRow, mark: Decimal): Decimal {
  return mark.minus(position.entryPrice).times(position.amount);
}

/** Price at which closing would give back fees paid and profit taken since the position was flat. */
export function breakEvenPrice(position: PositionRow): Decimal {
  const amount = new Decimal(position.amount);
  if (amount.isZero()) return ZERO;
  const spent = new Decimal(position.fees).minus(position.realized);
  return new Decimal(position.entryPrice).plus(spent.div(amount));
}

/** Applies one fill: position, wallet, incomes. */
export function applyFill(world: World, fill: Fill, tradeId: number): FillResult {
  const { order, price, quantity } = fill;
  const before = findPosition(world, order.account, order.symbol, order.positionSide);
  const amount = positionAmount(before);
  const signed = order.side === 'BUY' ? quantity : quantity.negated();
  const closing = Decimal.min(amount.abs(), amount.times(signed).lt(0) ? quantity : ZERO);
  const entry = new Decimal(before?.entryPrice ?? 0);
  const realized = price
    .minus(entry)
    .times(closing)
    .times(amount.isNegative() ? -1 : 1);
  const fee = price.times(quantity).times(feeRateOf(world, fill));
  const after = amount.plus(signed);
  const position = positionAfter(world, fill, { before, amount, after, realized, fee });
  const key = positionKey(order.account, order.symbol, order.positionSide);
  world.state.put('positions', key, position);
  moveMoney(world, order, { realized, fee }, tradeId);
  return { realized, fee, position };
}

/** Nobody pays a fee for being deleveraged or settled. */
function feeRateOf(world: World, { order, isMaker }: Fill): Decimal {
  if (order.autoClose === 'ADL' || order.autoClose === 'SETTLEMENT') return ZERO;
  const rate = new Decimal(isMaker ? MAKER_FEE : TAKER_FEE);
  return accountOf(world, order.account).isFeeBurn ? rate.times(BURN_DISCOUNT) : rate;
}

interface Step {
  readonly before: PositionRow | undefined;
  readonly amount: Decimal;
  readonly after: Decimal;
  readonly realized: Decimal;
  readonly fee: Decimal;
}

function positionAfter(world: World, fill: Fill, step: Step): PositionRow {
  const { before, amount, after } = step;
  const wasFlat = amount.isZero();
  const flipped = amount.times(after).lt(0);
  const isNew = wasFlat || flipped;
  const grows = !isNew && after.abs().gt(amount.abs());
  let entryPrice = before?.entryPrice ?? '0';
  if (isNew) entryPrice = plain(fill.price, 10);
  if (grows) {
    const cost = amount.abs().times(entryPrice).plus(fill.price.times(fill.quantity));
    entryPrice = plain(cost.div(after.abs()), 10);
  }
  if (after.isZero()) entryPrice = '0';
  return {
    account: fill.order.account,
    symbol: fill.order.symbol,
    side: fill.order.positionSide,
    amount: after.toFixed(),
    entryPrice,
    fees: plain(step.fee.plus(isNew ? 0 : (before?.fees ?? 0))),
    realized: plain(isNew ? ZERO : step.realized.plus(before?.realized ?? 0)),
    openedAtMs: isNew || before === undefined ? world.nowMs : before.openedAtMs,
    updatedAtMs: world.nowMs,
    unprotectedSinceMs: isNew ? world.nowMs : before?.unprotectedSinceMs,
    rungsFilled: isNew ? 0 : (before?.rungsFilled ?? 0),
    isolatedWallet: isolatedAfter(world, fill, step),
  };
}

/**
 * Growing sets more apart, reducing gives back in proportion; but what a liquidation leaves stays with the rest, whose
 * margin it is to mend.
 */
function isolatedAfter(world: World, { order, price, quantity }: Fill, step: Step): string {
  const setting = settingOf(world, order.account, order.symbol);
  if (!setting.isIsolated) return '0';
  const { before, amount, after } = step;
  const apart = new Decimal(before?.isolatedWallet ?? 0);
  if (order.autoClose === 'LIQUIDATION' && !after.isZero()) {
    return plain(Decimal.max(0, apart.plus(step.realized).minus(step.fee)));
  }
  const flipped = amount.times(after).lt(0);
  const opened = flipped ? after.abs() : Decimal.max(0, after.abs().minus(amount.abs()));
  const closed = Decimal.min(amount.abs(), flipped ? amount.abs() : quantity.minus(opened));
  const kept =
    amount.isZero() || closed.lte(0)
      ? apart
      : apart.times(amount.abs().minus(closed).div(amount.abs()));
  return plain(kept.plus(opened.times(price).div(setting.leverage)));
}

function moveMoney(
  world: World,
  order: OrderRow,
  money: { readonly realized: Decimal; readonly fee: Decimal },
  tradeId: number,
): void {
  const account = accountOf(world, order.account);
  const wallet = new Decimal(account.wallet).plus(money.realized).minus(money.fee);
  world.state.put('accounts', account.key, { ...account, wallet: plain(wallet) });
  const entry = { account: account.key, symbol: order.symbol, tradeId: String(tradeId) };
  if (!money.realized.isZero()) {
    addIncome(world, { ...entry, kind: 'REALIZED_PNL', amount: plain(money.realized) });
  }
  addIncome(world, { ...entry, kind: 'COMMISSION', amount: plain(money.fee.negated()) });
}

export function addIncome(world: World, income: Omit<IncomeRow, 'tranId' | 'atMs'>): void {
  const tranId = nextNumber(world, 'lastTranId');
  world.state.put('incomes', tranId, { ...income, tranId, atMs: world.nowMs });
}
