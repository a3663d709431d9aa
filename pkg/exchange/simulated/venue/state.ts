/**
 * The venue's state: tables of rows, the indexes over them, and the list of what changed.
 *
 * Every write goes through `put` or `remove`, so that the journal sees it. Indexes are derived and never
 * written down.
 */
import type {
  AccountRow,
  AlgoRow,
  AmendmentRow,
  CountdownRow,
  FundRow,
  IncomeRow,
  ListenKeyRow,
  ListingRow,
  MarginChangeRow,
  MetaRow,
  OrderRow,
  PositionRow,
  StatisticsRow,
  SymbolSettingRow,
  TradeRow,
} from './rows.ts';

export interface RowTypes {
  readonly meta: MetaRow;
  readonly statistics: StatisticsRow;
  readonly accounts: AccountRow;
  readonly settings: SymbolSettingRow;
  readonly positions: PositionRow;
  readonly orders: OrderRow;
  readonly algos: AlgoRow;
  readonly trades: TradeRow;
  readonly incomes: IncomeRow;
  readonly listenKeys: ListenKeyRow;
  readonly amendments: AmendmentRow;
  readonly countdowns: CountdownRow;
  readonly marginChanges: MarginChangeRow;
  readonly listings: ListingRow;
  readonly fund: FundRow;
}
export type TableName = keyof RowTypes;

/** One change, as the journal keeps it; an absent row was removed. */
export type Change = readonly [table: TableName, key: string, row?: unknown];

export const TABLE_NAMES: readonly TableName[] = [
  'meta',
  'statistics',
  'accounts',
  'settings',
  'positions',
  'orders',
  'algos',
  'trades',
  'incomes',
  'listenKeys',
  'amendments',
  'countdowns',
  'marginChanges',
  'listings',
  'fund',
];

const EMPTY_STATISTICS: StatisticsRow = {
  requestsByAddress: {},
  requestsByEndpoint: {},
  status429: 0,
  status418: 0,
  duplicateClientOrderIds: 0,
  ordersAccepted: 0,
  positionsOpened: 0,
  positionsClosed: 0,
  closedInProfit: 0,
  rungsFilled: 0,
  reaveraged: 0,
  unprotectedMsMax: 0,
};

export class VenueState {
  readonly #tables: { readonly [Name in TableName]: Map<string, RowTypes[Name]> } = {
    meta: new Map(),
    statistics: new Map(),
    accounts: new Map(),
    settings: new Map(),
    positions: new Map(),
    orders: new Map(),
    algos: new Map(),
    trades: new Map(),
    incomes: new Map(),
    listenKeys: new Map(),
    amendments: new Map(),
    countdowns: new Map(),
    marginChanges: new Map(),
    listings: new Map(),
    fund: new Map(),
  };
  readonly #openOrders = new Index<OrderRow>();
  readonly #openAlgos = new Index<AlgoRow>();
  readonly #positions = new Index<PositionRow>();
  readonly #orders = new Index<OrderRow>();
  readonly #algos = new Index<AlgoRow>();
  readonly #trades = new Index<TradeRow>();
  readonly #incomes = new Index<IncomeRow>();
  readonly #orderByClientId = new Map<string, number>();
  readonly #algoByClientId = new Map<string, number>();
  readonly #changes = new Map<string, Change>();

  get<Name extends TableName>(table: Name, key: string | number): RowTypes[Name] | undefined {
    return this.#tables[table].get(String(key));
  }

  rows<Name extends TableName>(table: Name): MapIterator<RowTypes[Name]> {
    return this.#tables[table].values();
  }

  entries<Name extends TableName>(table: Name): MapIterator<[string, RowTypes[Name]]> {
    return this.#tables[table].entries();
  }

  put<Name extends TableName>(table: Name, key: string | number, row: RowTypes[Name]): void {
    this.restore(table, String(key), row);
    this.#changes.set(`${table}|${key}`, [table, String(key), row]);
  }

  remove(table: TableName, key: string): void {
    if (this.#tables[table].delete(key)) this.#changes.set(`${table}|${key}`, [table, key]);
  }

  /** Applies a change that the journal already holds. */
  restore(table: TableName, key: string, row: unknown): void {
    if (row === undefined) {
      this.#tables[table].delete(key);
      return;
    }
    (this.#tables[table] as Map<string, unknown>).set(key, row);
    this.#index(table, key, row);
  }

  #index(table: TableName, key: string, row: unknown): void {
    if (table === 'orders') this.#indexOrder(row as OrderRow);
    if (table === 'algos') this.#indexAlgo(row as AlgoRow);
    if (table === 'positions') this.#indexPosition(row as PositionRow);
    if (table === 'trades') this.#trades.put(key, row as TradeRow, true);
    if (table === 'incomes') this.#incomes.put((row as IncomeRow).tranId, row as IncomeRow, true);
  }

  /** Returns what changed since the last call: each row once, as it stands now. */
  takeChanges(): readonly Change[] {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    return changes;
  }

  statistics(): StatisticsRow {
    return this.get('statistics', 'all') ?? EMPTY_STATISTICS;
  }

  count(change: Partial<StatisticsRow>): void {
    this.put('statistics', 'all', { ...this.statistics(), ...change });
  }

  openOrdersOf(account: string): MapIterator<OrderRow> {
    return this.#openOrders.ofAccount(account);
  }

  openOrdersIn(symbol: string): MapIterator<OrderRow> {
    return this.#openOrders.inSymbol(symbol);
  }

  openAlgosOf(account: string): MapIterator<AlgoRow> {
    return this.#openAlgos.ofAccount(account);
  }

  openAlgosIn(symbol: string): MapIterator<AlgoRow> {
    return this.#openAlgos.inSymbol(symbol);
  }

  /** Positions that hold a quantity. */
  positionsOf(account: string): MapIterator<PositionRow> {
    return this.#positions.ofAccount(account);
  }

  tradesOf(account: string): MapIterator<TradeRow> {
    return this.#trades.ofAccount(account);
  }

  /** Customers' trades of a symbol, oldest first. */
  tradesIn(symbol: string): MapIterator<TradeRow> {
    return this.#trades.inSymbol(symbol);
  }

  incomesOf(account: string): MapIterator<IncomeRow> {
    return this.#incomes.ofAccount(account);
  }

  /** Every order that the account ever sent, oldest first. */
  ordersOf(account: string): MapIterator<OrderRow> {
    return this.#orders.ofAccount(account);
  }

  algosOf(account: string): MapIterator<AlgoRow> {
    return this.#algos.ofAccount(account);
  }

  /** Positions that hold a quantity of the symbol. */
  positionsIn(symbol: string): MapIterator<PositionRow> {
    return this.#positions.inSymbol(symbol);
  }

  /** Accounts that hold any position. */
  accountsWithPositions(): readonly string[] {
    return this.#positions.accounts();
  }

  /** Symbols with working orders, plain or conditional. */
  symbolsAtWork(): ReadonlySet<string> {
    return new Set([...this.#openOrders.symbols(), ...this.#openAlgos.symbols()]);
  }

  /** The newest order under this id, open or not. */
  orderByClientId(account: string, clientOrderId: string): OrderRow | undefined {
    const orderId = this.#orderByClientId.get(`${account}|${clientOrderId}`);
    return orderId === undefined ? undefined : this.get('orders', orderId);
  }

  algoByClientId(account: string, clientAlgoId: string): AlgoRow | undefined {
    const algoId = this.#algoByClientId.get(`${account}|${clientAlgoId}`);
    return algoId === undefined ? undefined : this.get('algos', algoId);
  }

  #indexOrder(row: OrderRow): void {
    const isOpen = row.status === 'NEW' || row.status === 'PARTIALLY_FILLED';
    this.#openOrders.put(row.orderId, row, isOpen);
    this.#orders.put(row.orderId, row, true);
    const id = `${row.account}|${row.clientOrderId}`;
    if (row.orderId >= (this.#orderByClientId.get(id) ?? 0)) {
      this.#orderByClientId.set(id, row.orderId);
    }
  }

  #indexAlgo(row: AlgoRow): void {
    this.#openAlgos.put(row.algoId, row, row.status === 'NEW');
    this.#algos.put(row.algoId, row, true);
    const id = `${row.account}|${row.clientAlgoId}`;
    if (row.algoId >= (this.#algoByClientId.get(id) ?? 0)) this.#algoByClientId.set(id, row.algoId);
  }

  #indexPosition(row: PositionRow): void {
    this.#positions.put(`${row.symbol}|${row.side}`, row, Number(row.amount) !== 0);
  }
}

function membersOf(groups: ReadonlyMap<string, ReadonlyMap<string, unknown>>): readonly string[] {
  return [...groups].flatMap(([name, rows]) => (rows.size > 0 ? [name] : []));
}

/** Rows by account and by symbol, in order of arrival. */
class Index<Row extends { readonly account: string; readonly symbol: string }> {
  readonly #byAccount = new Map<string, Map<string, Row>>();
  readonly #bySymbol = new Map<string, Map<string, Row>>();

  put(key: string | number, row: Row, isMember: boolean): void {
    this.#set(this.#byAccount, row.account, String(key), row, isMember);
    this.#set(this.#bySymbol, row.symbol, `${row.account}|${key}`, row, isMember);
  }

  ofAccount(account: string): MapIterator<Row> {
    return (this.#byAccount.get(account) ?? new Map<string, Row>()).values();
  }

  inSymbol(symbol: string): MapIterator<Row> {
    return (this.#bySymbol.get(symbol) ?? new Map<string, Row>()).values();
  }

  accounts(): readonly string[] {
    return membersOf(this.#byAccount);
  }

  symbols(): readonly string[] {
    return membersOf(this.#bySymbol);
  }

  #set(
    groups: Map<string, Map<string, Row>>,
    group: string,
    key: string,
    row: Row,
    isMember: boolean,
  ): void {
    let rows = groups.get(group);
    if (rows === undefined) {
      if (!isMember) return;
      rows = new Map();
      groups.set(group, rows);
    }
    if (isMember) rows.set(key, row);
    else rows.delete(key);
  }
}
