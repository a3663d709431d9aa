/**
 * The rows that the fleet stands on.
 *
 * Adapters: `mysql/` (MariaDB 10.11+, MySQL 8.4 and 9) and `memory/`; both pass `tests/conformance/store.ts`.
 * Methods are the atomic operations: each is one transaction, none is held over I/O, and what must not
 * happen twice is prevented by a unique index, not by a check. Times are ms since 1970, UTC.
 * Throws StoreUnavailableError (repeat later), StoreConflictError (a bug in the caller) or SchemaVersionError
 * (a table is missing: migrate); nothing else. Amounts keep 18 digits after the point.
 */
import type {
  AccountId,
  BoxName,
  Candle,
  ClientOrderId,
  Direction,
  LeverageBracket,
  Order,
  OrderId,
  OrderReport,
  PositionId,
  SymbolName,
  Timeframe,
  TradedSymbol,
  VenueSymbol,
} from '#pkg/domain';
import type { Reason } from '#pkg/base';
import type { PositionStore } from './position-store.ts';
import type { LeaseFence, LeaseStore } from './lease-store.ts';
import type { AccountStore } from './account-store.ts';
import type { StepStore } from './step-store.ts';
import type { AccountStreamStore, FrameStore, PriceStore } from './stream-rows.ts';

export interface Store extends AsyncDisposable {
  readonly steps: StepStore;
  readonly leases: LeaseStore;
  readonly workers: WorkerStore;
  readonly accounts: AccountStore;
  readonly symbols: SymbolStore;
  readonly positions: PositionStore;
  readonly orders: OrderStore;
  readonly candles: CandleStore;
  readonly readouts: ReadoutStore;
  readonly frames: FrameStore;
  readonly prices: PriceStore;
  readonly accountStreams: AccountStreamStore;
  readonly events: EventStore;
  readonly scheduleRuns: ScheduleRunStore;
  readonly settings: SettingStore;
  readonly users: UserStore;
  /** Cheap round trip; throws StoreUnavailableError when the database is away. */
  ping(): Promise<void>;
  /** What tells this database from a copy of its rows elsewhere; the same for as long as it is this one. */
  readIdentity(): Promise<string>;
  /**
   * Returns what the database server tells of itself, by the names of `SHOW GLOBAL STATUS`, and `max_connections`; empty
   * where there is no server. Throws StoreUnavailableError when it is away.
   */
  readServerStatus(): Promise<ReadonlyMap<string, number>>;
}

/** One holder at a time, by the database's own clock; the epoch grows with each change of holder. */
export interface WorkerBeat {
  readonly workerId: string;
  readonly box: BoxName;
  readonly process: string;
  readonly pid: number;
  readonly version: string;
  /** Of each lane it serves: slots wanted and busy. Empty for processes that run no steps. */
  readonly lanes: readonly {
    readonly lane: string;
    readonly slots: number;
    readonly busy: number;
  }[];
  /** Generation of workload.json that it acts by. */
  readonly generation: number;
  readonly state: 'ready' | 'draining' | 'gated' | 'starting';
  readonly reason: Reason | undefined;
}

export interface WorkerRow extends WorkerBeat {
  readonly startedAtMs: number;
  /** Age of the last beat by the database's clock. */
  readonly beatAgeMs: number;
}

export interface WorkerStore {
  /** Writes the row with the database's time and a life of `ttlMs`. */
  beat(beat: WorkerBeat, ttlMs: number): Promise<void>;
  /** Removes the row: the process leaves in order. */
  leave(workerId: string): Promise<void>;
  list(): Promise<readonly WorkerRow[]>;
}

export interface SymbolStore {
  /** Inserts or updates rules; keeps direction and brackets. Symbols not named become not trading. */
  saveVenueSymbols(symbols: readonly VenueSymbol[], nowMs: number): Promise<void>;
  saveBrackets(
    brackets: ReadonlyMap<SymbolName, readonly LeverageBracket[]>,
    nowMs: number,
  ): Promise<void>;
  saveDirection(
    symbol: SymbolName,
    conclusion: {
      readonly direction: Direction | undefined;
      readonly timeframe: Timeframe | undefined;
      readonly reason: Reason | undefined;
      readonly atMs: number;
    },
  ): Promise<void>;
  find(symbol: SymbolName): Promise<TradedSymbol | undefined>;
  list(): Promise<readonly TradedSymbol[]>;
}

export type NewOrder = Omit<
  Order,
  | 'venueOrderId'
  | 'status'
  | 'referencePrice'
  | 'referenceQuantity'
  | 'filledQuantity'
  | 'averagePrice'
  | 'signableUntilMs'
  | 'fillHandled'
  | 'venueUpdatedAtMs'
  | 'filledAtMs'
  | 'updatedAtMs'
>;

export interface OrderStore {
  /**
   * Inserts all rows as `planned` in one transaction; rows whose id exists are left as they are. A client id
   * that another order of the account has, or a second replacement of one order, is a StoreConflictError.
   */
  plan(orders: readonly NewOrder[]): Promise<void>;
  find(orderId: OrderId): Promise<Order | undefined>;
  findByClientOrderId(
    accountId: AccountId,
    clientOrderId: ClientOrderId,
  ): Promise<Order | undefined>;
  listByPosition(positionId: PositionId): Promise<readonly Order[]>;
  /** Orders of an account that are not terminal. */
  listWorking(accountId: AccountId): Promise<readonly Order[]>;
  /** Orders that are not terminal, of every position that holds a slot; read in parts, so not of one moment. */
  listWorkingOfOpen(): Promise<readonly Order[]>;
  /** Newest first. */
  list(options: {
    readonly limit: number;
    readonly accountId?: AccountId;
  }): Promise<readonly Order[]>;
  /**
   * Commits that a request may be signed until `signableUntilMs` (venue time), before it is signed:
   * status becomes `unknown` if it was `planned`; the bound only grows. Price and quantity of a planned order may still be set here
   * (the ladder follows the real fill). Refused when the order is terminal.
   */
  allowSigning(
    orderId: OrderId,
    options: {
      readonly signableUntilMs: number;
      readonly price?: Order['price'];
      readonly quantity?: Order['quantity'];
      readonly nowMs: number;
    },
  ): Promise<Order | undefined>;
  /**
   * Applies what the venue said, under the row's lock: never to a lower rank, never an older update of the
   * same rank, zero never replaces a positive value, `filled` is never taken back. Filled quantity only grows,
   * and grows even by a report that is otherwise stale. Returns the row before and after (the same object when
   * nothing changed). `acknowledged` is set first, as `acknowledge` does: the venue's first word about an intent.
   */
  applyReport(
    orderId: OrderId,
    report: OrderReport,
    nowMs: number,
    acknowledged?: { readonly price: Order['price']; readonly quantity: Order['quantity'] },
  ): Promise<{ readonly before: Order; readonly after: Order } | undefined>;
  /**
   * The venue does not hold the order and never will: back to `planned` (may be sent again) or to a terminal
   * status. Changes nothing once the venue has reported the order.
   */
  settleUnknown(
    orderId: OrderId,
    status: 'planned' | 'rejected' | 'canceled',
    nowMs: number,
  ): Promise<void>;
  /** Sets the last acknowledged intent (also the working price and quantity). */
  acknowledge(
    orderId: OrderId,
    reference: { readonly price: Order['price']; readonly quantity: Order['quantity'] },
    nowMs: number,
  ): Promise<void>;
  markFillHandled(orderIds: readonly OrderId[], nowMs: number): Promise<void>;
}

export interface CandleStore {
  /** Upserts by (symbol, timeframe, open time). */
  save(symbol: SymbolName, timeframe: Timeframe, candles: readonly Candle[]): Promise<void>;
  /** The newest `limit`, oldest first. */
  list(symbol: SymbolName, timeframe: Timeframe, limit: number): Promise<readonly Candle[]>;
  /** Keeps the newest `keep` of every symbol and timeframe; returns how many rows went. */
  prune(keep: number): Promise<number>;
}

/** What one indicator said of one symbol in one run. */
export interface Readout {
  readonly symbol: SymbolName;
  readonly timeframe: Timeframe;
  readonly indicator: string;
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly candleOpenAtMs: number | undefined;
  readonly readAtMs: number;
}

export interface ReadoutStore {
  /** Keeps the newest of each (symbol, timeframe, indicator); an older one changes nothing. */
  save(readouts: readonly Readout[]): Promise<void>;
  list(symbol: SymbolName, timeframe: Timeframe): Promise<readonly Readout[]>;
}

export interface FleetEvent {
  /** Grows in order of writing. */
  readonly sequence: number;
  readonly atMs: number;
  /** PascalCase past tense: `PositionOpened`, `RungFilled`, `BoxLost`. */
  readonly kind: string;
  readonly box: string | undefined;
  readonly accountId: AccountId | undefined;
  readonly positionId: PositionId | undefined;
  readonly symbol: SymbolName | undefined;
  readonly reason: Reason | undefined;
  readonly message: string;
}

export type NewFleetEvent = Pick<FleetEvent, 'kind' | 'message' | 'atMs'> &
  Partial<Pick<FleetEvent, 'box' | 'accountId' | 'positionId' | 'symbol' | 'reason'>>;

export interface EventStore {
  append(event: NewFleetEvent): Promise<FleetEvent>;
  /**
   * Removes at most `limit` of the oldest events, and only such that are older than `beforeMs`; returns how many, and none
   * without the lease.
   */
  prune(options: {
    readonly beforeMs: number;
    readonly limit: number;
    readonly lease?: LeaseFence;
  }): Promise<number>;
  /** Oldest first, after `sequence`. */
  listAfter(sequence: number, limit: number): Promise<readonly FleetEvent[]>;
  /** The newest `limit`, oldest first. */
  listNewest(
    limit: number,
    filter?: { readonly positionId?: PositionId },
  ): Promise<readonly FleetEvent[]>;
}

export interface ScheduleRun {
  readonly entry: string;
  /** The instant of the timetable that the run answers; unique with `entry`, so no run is doubled. */
  readonly dueAtMs: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
  readonly result: 'running' | 'submitted' | 'held' | 'failed';
  readonly reason: Reason | undefined;
}

export interface ScheduleRunStore {
  /** False when the run of this instant exists already. */
  begin(entry: string, dueAtMs: number, nowMs: number): Promise<boolean>;
  finish(
    entry: string,
    dueAtMs: number,
    run: Pick<ScheduleRun, 'result' | 'reason'> & { readonly nowMs: number },
  ): Promise<void>;
  /** Removes runs that were due before `beforeMs`, but never the newest of an entry; returns how many. */
  prune(beforeMs: number): Promise<number>;
  /** The newest run of each entry. */
  listNewest(): Promise<readonly ScheduleRun[]>;
}

/** Small named values that outlive processes (modes, identity of the database). */
export interface SettingStore {
  find(name: string): Promise<string | undefined>;
  /** Every value whose name begins so, by name. */
  listByPrefix(prefix: string): Promise<ReadonlyMap<string, string>>;
  set(name: string, value: string, nowMs: number): Promise<void>;
  /** Sets only when absent; returns the value that stands. */
  setOnce(name: string, value: string, nowMs: number): Promise<string>;
  /** Sets only when the value is still `from` (undefined: when there is none); false, and nothing is written, otherwise. */
  setIf(
    name: string,
    change: { readonly from: string | undefined; readonly to: string },
    nowMs: number,
  ): Promise<boolean>;
  /** Content when there is none. */
  remove(name: string): Promise<void>;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: 'operator' | 'trader';
  readonly passwordHash: string;
}

export interface Session {
  /** Hash of the cookie's token; the token itself is never stored. */
  readonly tokenHash: string;
  readonly userId: string;
  readonly csrfToken: string;
  readonly expiresAtMs: number;
}

export interface UserStore {
  /** Inserts or replaces by id; a name that another user has is a StoreConflictError. */
  save(user: User): Promise<void>;
  findByName(name: string): Promise<User | undefined>;
  findById(userId: string): Promise<User | undefined>;
  count(): Promise<number>;
  saveSession(session: Session): Promise<void>;
  findSession(tokenHash: string): Promise<Session | undefined>;
  /** Removes sessions that ended before `nowMs`; returns how many. */
  pruneSessions(nowMs: number): Promise<number>;
  removeSession(tokenHash: string): Promise<void>;
}
