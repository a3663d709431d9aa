/**
 * The rows as the driver gives and takes them: DECIMAL as text, BIGINT ms as numbers, JSON as text, booleans
 * as 0 and 1, instants of the database's own clock as DATETIME(3) that only expressions read.
 */
import type { ColumnType, Generated } from 'kysely';

import type { StepTables } from './step-tables.ts';

/** Written only by `NOW(3)` expressions, read only through them. */
type DatabaseInstant = ColumnType<never, string, string>;
/** Computed by the database; never written. */
type Computed<T> = ColumnType<T, never, never>;

export interface Tables extends StepTables {
  schema_migrations: SchemaMigrationsTable;
  workers: WorkersTable;
  leases: LeasesTable;
  accounts: AccountsTable;
  account_changes: AccountChangesTable;
  symbols: SymbolsTable;
  positions: PositionsTable;
  orders: OrdersTable;
  candles: CandlesTable;
  readouts: ReadoutsTable;
  frames: FramesTable;
  prices: PricesTable;
  account_streams: AccountStreamsTable;
  events: EventsTable;
  schedule_runs: ScheduleRunsTable;
  settings: SettingsTable;
  users: UsersTable;
  sessions: SessionsTable;
}

export interface SchemaMigrationsTable {
  id: string;
  applied_at_ms: number;
}

export interface WorkersTable {
  id: string;
  box: string;
  process: string;
  pid: number;
  version: string;
  lanes: string;
  generation: number;
  state: string;
  reason: string | null;
  started_at: DatabaseInstant;
  beat_at: DatabaseInstant;
  live_until: DatabaseInstant;
}

export interface LeasesTable {
  name: string;
  holder: string;
  epoch: number;
  expires_at: DatabaseInstant;
}

export interface AccountsTable {
  id: string;
  name: string;
  venue: string;
  api_key: string;
  sealed_secret: string;
  is_trading_on: number;
  settings: string;
  balance_usdt: string | null;
  available_usdt: string | null;
  balance_at_ms: number | null;
  created_at_ms: number;
}

export interface AccountChangesTable {
  account_id: string;
  number: number;
  kind: string;
  who: string;
  why: string;
  at_ms: number;
  settings: string | null;
}

export interface SymbolsTable {
  symbol: string;
  base_asset: string;
  quote_asset: string;
  is_trading: number;
  onboard_at_ms: number;
  delivers_at_ms: number | null;
  tick_size: string;
  price_min: string;
  price_max: string;
  step_size: string;
  quantity_min: string;
  quantity_max: string;
  market_step_size: string;
  market_quantity_min: string;
  market_quantity_max: string;
  notional_min: string;
  brackets: string;
  direction: string | null;
  direction_timeframe: string | null;
  direction_at_ms: number | null;
  reason: string | null;
  updated_at_ms: number;
}

export interface PositionsTable {
  id: string;
  account_id: string;
  symbol: string;
  direction: string;
  slot: number;
  status: string;
  /** 1 while the status holds a slot, else NULL: what makes the two unique indexes partial. */
  is_open: Computed<number | null>;
  settings: string;
  margin_usdt: string | null;
  leverage: number | null;
  entry_price: string | null;
  entry_quantity: string | null;
  quantity: string | null;
  break_even_price: string | null;
  profit_price: string | null;
  stop_price: string | null;
  opened_at_ms: number | null;
  closed_at_ms: number | null;
  close_price: string | null;
  realized_pnl: string | null;
  close_reason: string | null;
  wap_count: number;
  reason: string | null;
  workflow_id: string | null;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface OrdersTable {
  id: string;
  position_id: string;
  account_id: string;
  symbol: string;
  direction: string;
  purpose: string;
  rung_index: number;
  side: string;
  client_order_id: string;
  venue_order_id: string | null;
  status: string;
  /** 1 while the status is not terminal, else NULL. */
  is_working: Computed<number | null>;
  price: string | null;
  quantity: string | null;
  reference_price: string | null;
  reference_quantity: string | null;
  filled_quantity: string;
  average_price: string | null;
  signable_until_ms: number | null;
  fill_handled: number;
  venue_updated_at_ms: number | null;
  filled_at_ms: number | null;
  replaces_order_id: string | null;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface CandlesTable {
  symbol: string;
  timeframe: string;
  open_at_ms: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface ReadoutsTable {
  symbol: string;
  timeframe: string;
  indicator: string;
  readings: string;
  candle_open_at_ms: number | null;
  read_at_ms: number;
}

export interface FramesTable {
  id: string;
  account_id: string;
  kind: string;
  fingerprint: string;
  payload: string;
  received_at_ms: number;
  saved_at: DatabaseInstant;
  applied_at_ms: number | null;
}

export interface PricesTable {
  symbol: string;
  mark: string;
  at_ms: number;
}

export interface AccountStreamsTable {
  account_id: string;
  epoch: number;
  /** NULL while the events are complete. */
  reason: string | null;
  since_ms: number;
  dead_letters: number;
}

export interface EventsTable {
  sequence: Generated<number>;
  at_ms: number;
  stored_at: DatabaseInstant;
  kind: string;
  box: string | null;
  account_id: string | null;
  position_id: string | null;
  symbol: string | null;
  reason: string | null;
  message: string;
}

export interface ScheduleRunsTable {
  entry: string;
  due_at_ms: number;
  started_at_ms: number;
  finished_at_ms: number | null;
  result: string;
  reason: string | null;
}

export interface SettingsTable {
  name: string;
  value: string;
  updated_at_ms: number;
}

export interface UsersTable {
  id: string;
  name: string;
  role: string;
  password_hash: string;
}

export interface SessionsTable {
  token_hash: string;
  user_id: string;
  csrf_token: string;
  expires_at_ms: number;
}
