/**
 * Checks of a venue's books, from its rows and frames alone.
 *
 * Nothing here uses the venue's own accounting: positions, prices, profit and the market's side are worked out
 * anew from the trades.
 */
import { Decimal } from '#pkg/base';
import type { PositionRow, TradeRow } from './rows.ts';
import { TABLE_NAMES, VenueState } from './state.ts';
import type { Venue } from './venue.ts';
import type { UserFrame } from './world.ts';

const ZERO = new Decimal(0);
/** Amounts are kept to 8 places and entry prices to 10: what rounding may leave of some hundred trades. */
const TOLERANCE = 0.001;

const total = (amounts: Iterable<string | Decimal>): Decimal =>
  [...amounts].reduce<Decimal>((sum, amount) => sum.plus(amount), ZERO);

const signed = (trade: TradeRow): Decimal =>
  trade.side === 'BUY' ? new Decimal(trade.quantity) : new Decimal(trade.quantity).negated();

function differ(
  what: string,
  one: Decimal | string,
  other: Decimal | string,
  tolerance = TOLERANCE,
) {
  const apart = new Decimal(one).minus(other).abs();
  return apart.gt(tolerance) ? [`${what}: ${String(one)} is not ${String(other)}`] : [];
}

/** Returns every sentence of the books that does not hold; none when all is explained. */
export function faultsOf(venue: Venue, fundAtFirst: string): readonly string[] {
  return [
    ...walletFaults(venue),
    ...positionFaults(venue),
    ...orderFaults(venue),
    ...conservationFaults(venue, fundAtFirst),
  ];
}

/** Each wallet is the sum of its incomes; fees and profits in the incomes are those of the trades. */
function walletFaults({ state }: Venue): readonly string[] {
  return [...state.rows('accounts')].flatMap(({ key, wallet }) => {
    const incomes = [...state.incomesOf(key)];
    const trades = [...state.tradesOf(key)];
    const ofKind = (kind: string): Decimal =>
      total(incomes.filter((row) => row.kind === kind).map(({ amount }) => amount));
    return [
      ...differ(`wallet of ${key}`, wallet, total(incomes.map(({ amount }) => amount))),
      ...differ(`fees of ${key}`, ofKind('COMMISSION').negated(), total(trades.map((t) => t.fee))),
      ...differ(`profit of ${key}`, ofKind('REALIZED_PNL'), total(trades.map((t) => t.realized))),
      ...apartFaults(key, wallet, [...state.positionsOf(key)]),
    ];
  });
}

/** What is set apart belongs to the wallet, and nobody owes who holds nothing. */
function apartFaults(key: string, wallet: string, held: readonly PositionRow[]): readonly string[] {
  const apart = total(held.map(({ isolatedWallet }) => isolatedWallet));
  const owes = held.length === 0 && new Decimal(wallet).lt(-TOLERANCE);
  return [
    ...(owes ? [`${key} holds nothing and owes ${wallet}`] : []),
    ...(apart.lt(-TOLERANCE) ? [`${key} set ${apart.toFixed()} apart`] : []),
  ];
}

/** Amount, entry price and profit of each position follow from its trades by average cost. */
function positionFaults({ state }: Venue): readonly string[] {
  return [...state.rows('positions')].flatMap((position) => {
    const { account, symbol, side } = position;
    const name = `${account} ${symbol} ${side}`;
    let [amount, entry, realized] = [ZERO, ZERO, ZERO];
    for (const trade of state.tradesOf(account)) {
      if (trade.symbol !== symbol || trade.positionSide !== side) continue;
      const step = signed(trade);
      const price = new Decimal(trade.price);
      const closing = amount.times(step).lt(0) ? Decimal.min(amount.abs(), step.abs()) : ZERO;
      realized = realized.plus(
        price
          .minus(entry)
          .times(closing)
          .times(amount.isNeg() ? -1 : 1),
      );
      const after = amount.plus(step);
      if (closing.isZero()) {
        entry = amount.abs().times(entry).plus(step.abs().times(price)).div(after.abs());
      } else if (amount.times(after).lt(0)) entry = price;
      amount = after;
    }
    const given = total(
      [...state.tradesOf(account)]
        .filter((trade) => trade.symbol === symbol && trade.positionSide === side)
        .map((trade) => trade.realized),
    );
    return [
      ...differ(`amount of ${name}`, position.amount, amount, 0),
      ...(amount.isZero() ? [] : differ(`entry of ${name}`, position.entryPrice, entry)),
      ...differ(`profit of ${name}`, given, realized),
    ];
  });
}

/** What an order executed is the sum of its trades, never more than it asked for. */
function orderFaults({ state }: Venue): readonly string[] {
  const byOrder = Map.groupBy(state.rows('trades'), (trade) => trade.orderId);
  return [...state.rows('orders')].flatMap((order) => {
    const trades = byOrder.get(order.orderId) ?? [];
    const executed = total(trades.map(({ quantity }) => quantity));
    return [
      ...differ(`executed of ${order.orderId}`, order.executed, executed, 0),
      ...differ(`quote of ${order.orderId}`, order.quote, total(trades.map((each) => each.quote))),
      ...(executed.gt(order.quantity) ? [`${order.orderId} executed more than it asked for`] : []),
    ];
  });
}

/**
 * Nothing comes from nowhere: wallets, open profits, fees, the fund's growth and what the market won are the
 * deposits. The market is the other side of each trade without a second customer, but for what the fund took
 * over and gave on.
 */
function conservationFaults(venue: Venue, fundAtFirst: string): readonly string[] {
  const { state } = venue;
  const marks = new Map<string, Decimal>();
  const markOf = (symbol: string): Decimal => {
    const mark = marks.get(symbol) ?? new Decimal(venue.market.priceAt(symbol, 0).toFixed(8));
    marks.set(symbol, mark);
    return mark;
  };
  let market = ZERO;
  for (const trade of state.rows('trades')) {
    if (trade.against !== undefined) continue;
    market = market.minus(markOf(trade.symbol).minus(trade.price).times(signed(trade)));
  }
  for (const { kind, amount } of state.rows('fund')) {
    if (kind === 'TAKEOVER') market = market.minus(amount);
  }
  const held = [...state.rows('positions')].map((position) =>
    markOf(position.symbol).minus(position.entryPrice).times(position.amount),
  );
  const incomes = [...state.rows('incomes')];
  const ofKind = (kind: string): Decimal =>
    total(incomes.filter((row) => row.kind === kind).map(({ amount }) => amount));
  const fund = new Decimal(state.get('meta', 'all')?.insuranceFund ?? 0).minus(fundAtFirst);
  const all = total([...state.rows('accounts')].map(({ wallet }) => wallet))
    .plus(total(held))
    .minus(ofKind('COMMISSION'))
    .minus(ofKind('FUNDING_FEE'))
    .plus(fund)
    .plus(market);
  return [
    ...differ('all the money', all, ofKind('TRANSFER')),
    ...differ('the fund', fund, total([...state.rows('fund')].map(({ amount }) => amount)), 0),
  ];
}

/** Returns where the last frame of a wallet, position, order or conditional order says something else than its row. */
export function frameFaults(venue: Venue, sent: readonly UserFrame[]): readonly string[] {
  const told = new Map<string, string>();
  for (const { account, payload } of sent) {
    const frame = payload as unknown as Told;
    if (frame.e === 'ACCOUNT_UPDATE') {
      for (const { wb } of frame.a?.B ?? []) told.set(`wallet ${account}`, wb);
      for (const { s, ps, pa, ep, iw } of frame.a?.P ?? []) {
        told.set(`position ${account}|${s}|${ps}`, `${pa} ${ep} ${iw}`);
      }
    }
    if (frame.e === 'ORDER_TRADE_UPDATE') {
      told.set(`order ${frame.o?.i}`, `${frame.o?.X} ${frame.o?.z} ${frame.o?.q} ${frame.o?.p}`);
    }
    if (frame.e === 'ALGO_UPDATE') told.set(`algo ${frame.o?.aid}`, String(frame.o?.X));
  }
  const { state } = venue;
  const rows: (readonly [string, string])[] = [
    ...[...state.rows('positions')].map(
      (row) =>
        [
          `position ${row.account}|${row.symbol}|${row.side}`,
          `${row.amount} ${row.entryPrice} ${row.isolatedWallet}`,
        ] as const,
    ),
    ...[...state.rows('orders')].map(
      (row) =>
        [
          `order ${row.orderId}`,
          `${row.status} ${row.executed} ${row.quantity} ${row.price}`,
        ] as const,
    ),
    ...[...state.rows('algos')].map((row) => [`algo ${row.algoId}`, row.status] as const),
    ...[...state.rows('accounts')]
      .filter((row) => told.has(`wallet ${row.key}`))
      .map((row) => [`wallet ${row.key}`, row.wallet] as const),
  ];
  return rows
    .filter(([name, value]) => told.get(name) !== value)
    .map(([name, value]) => `${name} is ${value}, told was ${told.get(name) ?? 'nothing'}`);
}

/**
 * Returns where the wallet beside an isolated position paid for what reduced it, the fund's cover next to it included.
 *
 * The opening of one takes from that wallet, and a turned position is also an opening: neither is looked at.
 */
export function isolationFaults(sent: readonly UserFrame[]): readonly string[] {
  const held = new Map<string, Decimal>();
  const wallets = new Map<string, Decimal>();
  const owed = new Map<string, { readonly name: string; readonly least: Decimal }>();
  const faults: string[] = [];
  for (const { account, payload } of sent) {
    const { e, a } = payload as unknown as Told;
    if (e !== 'ACCOUNT_UPDATE' || a === undefined) continue;
    const before = wallets.get(account);
    const wallet = a.B[0] === undefined ? before : new Decimal(a.B[0].cw);
    const waiting = owed.get(account);
    if (a.m !== 'INSURANCE_CLEAR' && waiting !== undefined) {
      const told = before?.toFixed() ?? 'unknown';
      if (before?.lt(waiting.least) === true) faults.push(`${waiting.name}: ${told} is left`);
      owed.delete(account);
    }
    for (const { s, ps, pa, mt } of a.P) {
      const name = `${account} ${s} ${ps}`;
      const was = held.get(name) ?? ZERO;
      held.set(name, new Decimal(pa));
      const shrank = was.times(pa).gte(0) && was.abs().gt(new Decimal(pa).abs());
      if (mt !== 'isolated' || !shrank || before === undefined) continue;
      owed.set(account, { name, least: before.minus(TOLERANCE) });
    }
    if (wallet !== undefined) wallets.set(account, wallet);
  }
  return faults;
}

interface Told {
  readonly e: string;
  readonly a?: {
    readonly m: string;
    readonly B: readonly { readonly wb: string; readonly cw: string }[];
    readonly P: readonly {
      readonly s: string;
      readonly ps: string;
      readonly pa: string;
      readonly ep: string;
      readonly iw: string;
      readonly mt: string;
    }[];
  };
  readonly o?: Readonly<Record<'i' | 'X' | 'z' | 'q' | 'p' | 'aid', string>>;
}

/** Returns the state that the changes lead to: what a restart would find. */
export function replay(changes: readonly (readonly [string, string, unknown?])[]): VenueState {
  const state = new VenueState();
  for (const [table, key, row] of changes) {
    const known = TABLE_NAMES.find((name) => name === table);
    if (known !== undefined) state.restore(known, key, row);
  }
  return state;
}

/** Everything that a state holds, as text that can be compared. */
export function dump(state: VenueState): string {
  return JSON.stringify(
    TABLE_NAMES.map((table) => [...state.entries(table)].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
}
