-- The schema as the migrations leave it, read back from the database: for reading and for comparing.
-- Change it by a new migration, then write this file anew:
--   KRAITE_UPDATE_GOLDEN=1 npx vitest run --project integration tests/integration/schema.test.ts

CREATE TABLE account_changes (
  account_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  number INT NOT NULL,
  kind VARCHAR(48) COLLATE ascii_bin NOT NULL,
  who VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
  why TEXT COLLATE utf8mb4_bin NOT NULL,
  at_ms BIGINT NOT NULL,
  settings TEXT COLLATE utf8mb4_bin NULL,
  PRIMARY KEY (account_id, number)
);

CREATE TABLE account_streams (
  account_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  epoch BIGINT NOT NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  since_ms BIGINT NOT NULL,
  dead_letters INT NOT NULL,
  PRIMARY KEY (account_id)
);

CREATE TABLE accounts (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  venue VARCHAR(48) COLLATE ascii_bin NOT NULL,
  api_key VARCHAR(255) COLLATE ascii_bin NOT NULL,
  sealed_secret VARCHAR(1024) COLLATE ascii_bin NOT NULL,
  is_trading_on TINYINT NOT NULL,
  settings TEXT COLLATE utf8mb4_bin NOT NULL,
  balance_usdt DECIMAL(36,18) NULL,
  available_usdt DECIMAL(36,18) NULL,
  balance_at_ms BIGINT NULL,
  created_at_ms BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY accounts_name (name)
);

CREATE TABLE candles (
  symbol VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  timeframe VARCHAR(48) COLLATE ascii_bin NOT NULL,
  open_at_ms BIGINT NOT NULL,
  open DOUBLE NOT NULL,
  high DOUBLE NOT NULL,
  low DOUBLE NOT NULL,
  close DOUBLE NOT NULL,
  volume DOUBLE NOT NULL,
  PRIMARY KEY (symbol, timeframe, open_at_ms)
);

CREATE TABLE events (
  sequence BIGINT NOT NULL AUTO_INCREMENT,
  at_ms BIGINT NOT NULL,
  stored_at DATETIME(3) NOT NULL,
  kind VARCHAR(48) COLLATE ascii_bin NOT NULL,
  box VARCHAR(64) COLLATE ascii_bin NULL,
  account_id VARCHAR(40) COLLATE ascii_bin NULL,
  position_id VARCHAR(40) COLLATE ascii_bin NULL,
  symbol VARCHAR(64) COLLATE utf8mb4_bin NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  message TEXT COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (sequence),
  KEY events_position (position_id, sequence)
);

CREATE TABLE frames (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  account_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  kind VARCHAR(48) COLLATE ascii_bin NOT NULL,
  fingerprint VARCHAR(128) COLLATE ascii_bin NOT NULL,
  payload MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  received_at_ms BIGINT NOT NULL,
  saved_at DATETIME(3) NOT NULL,
  applied_at_ms BIGINT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY frames_fingerprint (fingerprint),
  KEY frames_unapplied (applied_at_ms, saved_at)
);

CREATE TABLE leases (
  name VARCHAR(128) COLLATE ascii_bin NOT NULL,
  holder VARCHAR(128) COLLATE ascii_bin NOT NULL,
  epoch BIGINT NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE orders (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  position_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  account_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  symbol VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  direction VARCHAR(48) COLLATE ascii_bin NOT NULL,
  purpose VARCHAR(48) COLLATE ascii_bin NOT NULL,
  rung_index INT NOT NULL,
  side VARCHAR(48) COLLATE ascii_bin NOT NULL,
  client_order_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  venue_order_id VARCHAR(64) COLLATE ascii_bin NULL,
  status VARCHAR(48) COLLATE ascii_bin NOT NULL,
  is_working TINYINT AS (case when status in ('filled', 'canceled', 'expired', 'rejected') then null else 1 end) STORED,
  price DECIMAL(36,18) NULL,
  quantity DECIMAL(36,18) NULL,
  reference_price DECIMAL(36,18) NULL,
  reference_quantity DECIMAL(36,18) NULL,
  filled_quantity DECIMAL(36,18) NOT NULL,
  average_price DECIMAL(36,18) NULL,
  signable_until_ms BIGINT NULL,
  fill_handled TINYINT NOT NULL,
  venue_updated_at_ms BIGINT NULL,
  filled_at_ms BIGINT NULL,
  replaces_order_id VARCHAR(40) COLLATE ascii_bin NULL,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY orders_client_id (account_id, client_order_id),
  UNIQUE KEY orders_replaces (replaces_order_id),
  KEY orders_newest (created_at_ms),
  KEY orders_position (position_id, created_at_ms),
  KEY orders_working (account_id, is_working, created_at_ms)
);

CREATE TABLE positions (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  account_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  symbol VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  direction VARCHAR(48) COLLATE ascii_bin NOT NULL,
  slot INT NOT NULL,
  status VARCHAR(48) COLLATE ascii_bin NOT NULL,
  is_open TINYINT AS (case when status in ('closed', 'canceled', 'failed') then null else 1 end) STORED,
  settings TEXT COLLATE utf8mb4_bin NOT NULL,
  margin_usdt DECIMAL(36,18) NULL,
  leverage INT NULL,
  entry_price DECIMAL(36,18) NULL,
  entry_quantity DECIMAL(36,18) NULL,
  quantity DECIMAL(36,18) NULL,
  break_even_price DECIMAL(36,18) NULL,
  profit_price DECIMAL(36,18) NULL,
  stop_price DECIMAL(36,18) NULL,
  opened_at_ms BIGINT NULL,
  closed_at_ms BIGINT NULL,
  close_price DECIMAL(36,18) NULL,
  realized_pnl DECIMAL(36,18) NULL,
  close_reason VARCHAR(48) COLLATE ascii_bin NULL,
  wap_count INT NOT NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  workflow_id VARCHAR(40) COLLATE ascii_bin NULL,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY positions_pair (account_id, symbol, direction, is_open),
  UNIQUE KEY positions_slot (account_id, direction, slot, is_open),
  KEY positions_newest (created_at_ms),
  KEY positions_open (is_open, created_at_ms)
);

CREATE TABLE prices (
  symbol VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  mark DECIMAL(36,18) NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (symbol)
);

CREATE TABLE readouts (
  symbol VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  timeframe VARCHAR(48) COLLATE ascii_bin NOT NULL,
  indicator VARCHAR(64) COLLATE ascii_bin NOT NULL,
  readings MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  candle_open_at_ms BIGINT NULL,
  read_at_ms BIGINT NOT NULL,
  PRIMARY KEY (symbol, timeframe, indicator)
);

CREATE TABLE schedule_runs (
  entry VARCHAR(64) COLLATE ascii_bin NOT NULL,
  due_at_ms BIGINT NOT NULL,
  started_at_ms BIGINT NOT NULL,
  finished_at_ms BIGINT NULL,
  result VARCHAR(48) COLLATE ascii_bin NOT NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  PRIMARY KEY (entry, due_at_ms)
);

CREATE TABLE schema_migrations (
  id VARCHAR(64) COLLATE ascii_bin NOT NULL,
  applied_at_ms BIGINT NOT NULL,
  suits_from VARCHAR(64) COLLATE ascii_bin NULL,
  PRIMARY KEY (id)
);

CREATE TABLE sessions (
  token_hash VARCHAR(128) COLLATE ascii_bin NOT NULL,
  user_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  csrf_token VARCHAR(128) COLLATE ascii_bin NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  PRIMARY KEY (token_hash),
  KEY sessions_user (user_id)
);

CREATE TABLE settings (
  name VARCHAR(128) COLLATE ascii_bin NOT NULL,
  value MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE steps (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  workflow_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  block_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  parent_step_id VARCHAR(40) COLLATE ascii_bin NULL,
  step_index INT NOT NULL,
  role VARCHAR(48) COLLATE ascii_bin NOT NULL,
  name VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
  version INT NOT NULL,
  lane VARCHAR(48) COLLATE ascii_bin NOT NULL,
  box VARCHAR(64) COLLATE ascii_bin NULL,
  state VARCHAR(48) COLLATE ascii_bin NOT NULL,
  is_urgent TINYINT NOT NULL,
  args MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  response MEDIUMTEXT COLLATE utf8mb4_bin NULL,
  attempts INT NOT NULL,
  crashes INT NOT NULL,
  deferrals INT NOT NULL,
  run_after_ms BIGINT NULL,
  worker_id VARCHAR(128) COLLATE ascii_bin NULL,
  epoch BIGINT NOT NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  error TEXT COLLATE utf8mb4_bin NULL,
  created_at_ms BIGINT NOT NULL,
  ready_at_ms BIGINT NULL,
  predecessor_ended_at_ms DOUBLE NULL,
  started_at_ms DOUBLE NULL,
  finished_at_ms DOUBLE NULL,
  open_state VARCHAR(48) COLLATE ascii_bin AS (case when state in ('ready', 'delayed', 'running') then state else null end) STORED,
  PRIMARY KEY (id),
  KEY steps_block (workflow_id, block_id, step_index),
  KEY steps_open (open_state, run_after_ms)
);

CREATE TABLE steps_archive (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  workflow_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  block_id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  parent_step_id VARCHAR(40) COLLATE ascii_bin NULL,
  step_index INT NOT NULL,
  role VARCHAR(48) COLLATE ascii_bin NOT NULL,
  name VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
  version INT NOT NULL,
  lane VARCHAR(48) COLLATE ascii_bin NOT NULL,
  box VARCHAR(64) COLLATE ascii_bin NULL,
  state VARCHAR(48) COLLATE ascii_bin NOT NULL,
  is_urgent TINYINT NOT NULL,
  args MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  response MEDIUMTEXT COLLATE utf8mb4_bin NULL,
  attempts INT NOT NULL,
  crashes INT NOT NULL,
  deferrals INT NOT NULL,
  run_after_ms BIGINT NULL,
  worker_id VARCHAR(128) COLLATE ascii_bin NULL,
  epoch BIGINT NOT NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  error TEXT COLLATE utf8mb4_bin NULL,
  created_at_ms BIGINT NOT NULL,
  ready_at_ms BIGINT NULL,
  predecessor_ended_at_ms DOUBLE NULL,
  started_at_ms DOUBLE NULL,
  finished_at_ms DOUBLE NULL,
  PRIMARY KEY (id),
  KEY steps_workflow (workflow_id)
);

CREATE TABLE symbols (
  symbol VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  base_asset VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  quote_asset VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  is_trading TINYINT NOT NULL,
  onboard_at_ms BIGINT NOT NULL,
  tick_size DECIMAL(36,18) NOT NULL,
  price_min DECIMAL(36,18) NOT NULL,
  price_max DECIMAL(36,18) NOT NULL,
  step_size DECIMAL(36,18) NOT NULL,
  quantity_min DECIMAL(36,18) NOT NULL,
  quantity_max DECIMAL(36,18) NOT NULL,
  market_step_size DECIMAL(36,18) NOT NULL,
  market_quantity_min DECIMAL(36,18) NOT NULL,
  market_quantity_max DECIMAL(36,18) NOT NULL,
  notional_min DECIMAL(36,18) NOT NULL,
  brackets MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  direction VARCHAR(48) COLLATE ascii_bin NULL,
  direction_timeframe VARCHAR(48) COLLATE ascii_bin NULL,
  direction_at_ms BIGINT NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  updated_at_ms BIGINT NOT NULL,
  delivers_at_ms BIGINT NULL,
  PRIMARY KEY (symbol)
);

CREATE TABLE users (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  name VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
  role VARCHAR(48) COLLATE ascii_bin NOT NULL,
  password_hash VARCHAR(255) COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY users_name (name)
);

CREATE TABLE workers (
  id VARCHAR(128) COLLATE ascii_bin NOT NULL,
  box VARCHAR(64) COLLATE ascii_bin NOT NULL,
  process VARCHAR(128) COLLATE ascii_bin NOT NULL,
  pid INT NOT NULL,
  version VARCHAR(48) COLLATE ascii_bin NOT NULL,
  lanes TEXT COLLATE utf8mb4_bin NOT NULL,
  generation BIGINT NOT NULL,
  state VARCHAR(48) COLLATE ascii_bin NOT NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  started_at DATETIME(3) NOT NULL,
  beat_at DATETIME(3) NOT NULL,
  live_until DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY workers_live (live_until)
);

CREATE TABLE workflows (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  name VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
  state VARCHAR(48) COLLATE ascii_bin NOT NULL,
  is_protective TINYINT NOT NULL,
  is_urgent TINYINT NOT NULL,
  dedupe_key VARCHAR(191) COLLATE utf8mb4_bin NULL,
  open_dedupe_key VARCHAR(191) COLLATE utf8mb4_bin AS (case when finished_at_ms is null then dedupe_key else null end) STORED,
  account_id VARCHAR(40) COLLATE ascii_bin NULL,
  position_id VARCHAR(40) COLLATE ascii_bin NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  submitted_at_ms BIGINT NOT NULL,
  admitted_at_ms BIGINT NULL,
  finished_at_ms BIGINT NULL,
  revision BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY workflows_open_dedupe (open_dedupe_key),
  KEY workflows_dedupe (dedupe_key, submitted_at_ms),
  KEY workflows_finished (finished_at_ms),
  KEY workflows_state (state, submitted_at_ms)
);

CREATE TABLE workflows_archive (
  id VARCHAR(40) COLLATE ascii_bin NOT NULL,
  name VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
  state VARCHAR(48) COLLATE ascii_bin NOT NULL,
  is_protective TINYINT NOT NULL,
  is_urgent TINYINT NOT NULL,
  dedupe_key VARCHAR(191) COLLATE utf8mb4_bin NULL,
  open_dedupe_key VARCHAR(191) COLLATE utf8mb4_bin AS (case when finished_at_ms is null then dedupe_key else null end) STORED,
  account_id VARCHAR(40) COLLATE ascii_bin NULL,
  position_id VARCHAR(40) COLLATE ascii_bin NULL,
  reason VARCHAR(48) COLLATE ascii_bin NULL,
  submitted_at_ms BIGINT NOT NULL,
  admitted_at_ms BIGINT NULL,
  finished_at_ms BIGINT NULL,
  revision BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY workflows_open_dedupe (open_dedupe_key),
  KEY workflows_archive_finished (finished_at_ms),
  KEY workflows_archive_position (position_id),
  KEY workflows_dedupe (dedupe_key, submitted_at_ms),
  KEY workflows_state (state, submitted_at_ms)
);
