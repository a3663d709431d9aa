import { AMOUNT, ascii, TABLE_OPTIONS, type Migration } from './migration.ts';

/** Symbols are not always ASCII: the venue lists some in Chinese. */
const SYMBOL = 'VARCHAR(64)';
const ID = ascii(40);
const WORD = ascii(48);
const MS = 'BIGINT';
const FLAG = 'TINYINT';

const workers = `CREATE TABLE IF NOT EXISTS workers (
  id ${ascii(128)} NOT NULL PRIMARY KEY,
  box ${ascii(64)} NOT NULL,
  process ${ascii(128)} NOT NULL,
  pid INT NOT NULL,
  version ${WORD} NOT NULL,
  lanes TEXT NOT NULL,
  generation BIGINT NOT NULL,
  state ${WORD} NOT NULL,
  reason ${WORD} NULL,
  started_at DATETIME(3) NOT NULL,
  beat_at DATETIME(3) NOT NULL,
  live_until DATETIME(3) NOT NULL,
  KEY workers_live (live_until)
) ${TABLE_OPTIONS}`;

const leases = `CREATE TABLE IF NOT EXISTS leases (
  name ${ascii(128)} NOT NULL PRIMARY KEY,
  holder ${ascii(128)} NOT NULL,
  epoch BIGINT NOT NULL,
  expires_at DATETIME(3) NOT NULL
) ${TABLE_OPTIONS}`;

const accounts = `CREATE TABLE IF NOT EXISTS accounts (
  id ${ID} NOT NULL PRIMARY KEY,
  name VARCHAR(64) NOT NULL,
  venue ${WORD} NOT NULL,
  api_key ${ascii(255)} NOT NULL,
  sealed_secret ${ascii(1024)} NOT NULL,
  is_trading_on ${FLAG} NOT NULL,
  settings TEXT NOT NULL,
  balance_usdt ${AMOUNT} NULL,
  available_usdt ${AMOUNT} NULL,
  balance_at_ms ${MS} NULL,
  created_at_ms ${MS} NOT NULL,
  UNIQUE KEY accounts_name (name)
) ${TABLE_OPTIONS}`;

const symbols = `CREATE TABLE IF NOT EXISTS symbols (
  symbol ${SYMBOL} NOT NULL PRIMARY KEY,
  base_asset ${SYMBOL} NOT NULL,
  quote_asset ${SYMBOL} NOT NULL,
  is_trading ${FLAG} NOT NULL,
  onboard_at_ms ${MS} NOT NULL,
  tick_size ${AMOUNT} NOT NULL,
  price_min ${AMOUNT} NOT NULL,
  price_max ${AMOUNT} NOT NULL,
  step_size ${AMOUNT} NOT NULL,
  quantity_min ${AMOUNT} NOT NULL,
  quantity_max ${AMOUNT} NOT NULL,
  market_step_size ${AMOUNT} NOT NULL,
  market_quantity_min ${AMOUNT} NOT NULL,
  market_quantity_max ${AMOUNT} NOT NULL,
  notional_min ${AMOUNT} NOT NULL,
  brackets MEDIUMTEXT NOT NULL,
  direction ${WORD} NULL,
  direction_timeframe ${WORD} NULL,
  direction_at_ms ${MS} NULL,
  reason ${WORD} NULL,
  updated_at_ms ${MS} NOT NULL
) ${TABLE_OPTIONS}`;

/** NULLs never collide, so each unique index holds over open positions only. */
const positions = `CREATE TABLE IF NOT EXISTS positions (
  id ${ID} NOT NULL PRIMARY KEY,
  account_id ${ID} NOT NULL,
  symbol ${SYMBOL} NOT NULL,
  direction ${WORD} NOT NULL,
  slot INT NOT NULL,
  status ${WORD} NOT NULL,
  is_open TINYINT GENERATED ALWAYS AS
    (CASE WHEN status IN ('closed', 'canceled', 'failed') THEN NULL ELSE 1 END) STORED,
  settings TEXT NOT NULL,
  margin_usdt ${AMOUNT} NULL,
  leverage INT NULL,
  entry_price ${AMOUNT} NULL,
  entry_quantity ${AMOUNT} NULL,
  quantity ${AMOUNT} NULL,
  break_even_price ${AMOUNT} NULL,
  profit_price ${AMOUNT} NULL,
  stop_price ${AMOUNT} NULL,
  opened_at_ms ${MS} NULL,
  closed_at_ms ${MS} NULL,
  close_price ${AMOUNT} NULL,
  realized_pnl ${AMOUNT} NULL,
  close_reason ${WORD} NULL,
  wap_count INT NOT NULL,
  reason ${WORD} NULL,
  workflow_id ${ID} NULL,
  created_at_ms ${MS} NOT NULL,
  updated_at_ms ${MS} NOT NULL,
  UNIQUE KEY positions_pair (account_id, symbol, direction, is_open),
  UNIQUE KEY positions_slot (account_id, direction, slot, is_open),
  KEY positions_open (is_open, created_at_ms),
  KEY positions_newest (created_at_ms)
) ${TABLE_OPTIONS}`;

const orders = `CREATE TABLE IF NOT EXISTS orders (
  id ${ID} NOT NULL PRIMARY KEY,
  position_id ${ID} NOT NULL,
  account_id ${ID} NOT NULL,
  symbol ${SYMBOL} NOT NULL,
  direction ${WORD} NOT NULL,
  purpose ${WORD} NOT NULL,
  rung_index INT NOT NULL,
  side ${WORD} NOT NULL,
  client_order_id ${ID} NOT NULL,
  venue_order_id ${ascii(64)} NULL,
  status ${WORD} NOT NULL,
  is_working TINYINT GENERATED ALWAYS AS
    (CASE WHEN status IN ('filled', 'canceled', 'expired', 'rejected') THEN NULL ELSE 1 END) STORED,
  price ${AMOUNT} NULL,
  quantity ${AMOUNT} NULL,
  reference_price ${AMOUNT} NULL,
  reference_quantity ${AMOUNT} NULL,
  filled_quantity ${AMOUNT} NOT NULL,
  average_price ${AMOUNT} NULL,
  signable_until_ms ${MS} NULL,
  fill_handled ${FLAG} NOT NULL,
  venue_updated_at_ms ${MS} NULL,
  filled_at_ms ${MS} NULL,
  replaces_order_id ${ID} NULL,
  created_at_ms ${MS} NOT NULL,
  updated_at_ms ${MS} NOT NULL,
  UNIQUE KEY orders_client_id (account_id, client_order_id),
  UNIQUE KEY orders_replaces (replaces_order_id),
  KEY orders_position (position_id, created_at_ms),
  KEY orders_working (account_id, is_working, created_at_ms),
  KEY orders_newest (created_at_ms)
) ${TABLE_OPTIONS}`;

const candles = `CREATE TABLE IF NOT EXISTS candles (
  symbol ${SYMBOL} NOT NULL,
  timeframe ${WORD} NOT NULL,
  open_at_ms ${MS} NOT NULL,
  open DOUBLE NOT NULL,
  high DOUBLE NOT NULL,
  low DOUBLE NOT NULL,
  close DOUBLE NOT NULL,
  volume DOUBLE NOT NULL,
  PRIMARY KEY (symbol, timeframe, open_at_ms)
) ${TABLE_OPTIONS}`;

const readouts = `CREATE TABLE IF NOT EXISTS readouts (
  symbol ${SYMBOL} NOT NULL,
  timeframe ${WORD} NOT NULL,
  indicator ${ascii(64)} NOT NULL,
  readings MEDIUMTEXT NOT NULL,
  candle_open_at_ms ${MS} NULL,
  read_at_ms ${MS} NOT NULL,
  PRIMARY KEY (symbol, timeframe, indicator)
) ${TABLE_OPTIONS}`;

const frames = `CREATE TABLE IF NOT EXISTS frames (
  id ${ID} NOT NULL PRIMARY KEY,
  account_id ${ID} NOT NULL,
  kind ${WORD} NOT NULL,
  fingerprint ${ascii(128)} NOT NULL,
  payload MEDIUMTEXT NOT NULL,
  received_at_ms ${MS} NOT NULL,
  saved_at DATETIME(3) NOT NULL,
  applied_at_ms ${MS} NULL,
  UNIQUE KEY frames_fingerprint (fingerprint),
  KEY frames_unapplied (applied_at_ms, saved_at)
) ${TABLE_OPTIONS}`;

const events = `CREATE TABLE IF NOT EXISTS events (
  sequence BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at_ms ${MS} NOT NULL,
  stored_at DATETIME(3) NOT NULL,
  kind ${WORD} NOT NULL,
  box ${ascii(64)} NULL,
  account_id ${ID} NULL,
  position_id ${ID} NULL,
  symbol ${SYMBOL} NULL,
  reason ${WORD} NULL,
  message TEXT NOT NULL,
  KEY events_position (position_id, sequence)
) ${TABLE_OPTIONS}`;

const scheduleRuns = `CREATE TABLE IF NOT EXISTS schedule_runs (
  entry ${ascii(64)} NOT NULL,
  due_at_ms ${MS} NOT NULL,
  started_at_ms ${MS} NOT NULL,
  finished_at_ms ${MS} NULL,
  result ${WORD} NOT NULL,
  reason ${WORD} NULL,
  PRIMARY KEY (entry, due_at_ms)
) ${TABLE_OPTIONS}`;

const settings = `CREATE TABLE IF NOT EXISTS settings (
  name ${ascii(128)} NOT NULL PRIMARY KEY,
  value MEDIUMTEXT NOT NULL,
  updated_at_ms ${MS} NOT NULL
) ${TABLE_OPTIONS}`;

const users = `CREATE TABLE IF NOT EXISTS users (
  id ${ID} NOT NULL PRIMARY KEY,
  name VARCHAR(128) NOT NULL,
  role ${WORD} NOT NULL,
  password_hash ${ascii(255)} NOT NULL,
  UNIQUE KEY users_name (name)
) ${TABLE_OPTIONS}`;

const sessions = `CREATE TABLE IF NOT EXISTS sessions (
  token_hash ${ascii(128)} NOT NULL PRIMARY KEY,
  user_id ${ID} NOT NULL,
  csrf_token ${ascii(128)} NOT NULL,
  expires_at_ms ${MS} NOT NULL,
  KEY sessions_user (user_id)
) ${TABLE_OPTIONS}`;

/** Everything but the step engine: who runs, who trades, what is held, what was seen and said. */
export const TRADE: Migration = {
  id: '0001-trade',
  statements: [
    workers,
    leases,
    accounts,
    symbols,
    positions,
    orders,
    candles,
    readouts,
    frames,
    events,
    scheduleRuns,
    settings,
    users,
    sessions,
  ],
};
