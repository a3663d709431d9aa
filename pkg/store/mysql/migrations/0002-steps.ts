import { ascii, TABLE_OPTIONS, type Migration } from './migration.ts';

const ID = ascii(40);
const WORD = ascii(48);
const MS = 'BIGINT';
/** Ms with fractions, for durations below one. */
const FRACTIONAL_MS = 'DOUBLE';
const FLAG = 'TINYINT';

/** NULLs never collide, so a key is unique among unfinished workflows only. */
const workflows = `CREATE TABLE IF NOT EXISTS workflows (
  id ${ID} NOT NULL PRIMARY KEY,
  name VARCHAR(128) NOT NULL,
  state ${WORD} NOT NULL,
  is_protective ${FLAG} NOT NULL,
  is_urgent ${FLAG} NOT NULL,
  dedupe_key VARCHAR(191) NULL,
  open_dedupe_key VARCHAR(191) GENERATED ALWAYS AS
    (CASE WHEN finished_at_ms IS NULL THEN dedupe_key ELSE NULL END) STORED,
  account_id ${ID} NULL,
  position_id ${ID} NULL,
  reason ${WORD} NULL,
  submitted_at_ms ${MS} NOT NULL,
  admitted_at_ms ${MS} NULL,
  finished_at_ms ${MS} NULL,
  revision BIGINT NOT NULL DEFAULT 0,
  UNIQUE KEY workflows_open_dedupe (open_dedupe_key),
  KEY workflows_state (state, submitted_at_ms),
  KEY workflows_dedupe (dedupe_key, submitted_at_ms)
) ${TABLE_OPTIONS}`;

const steps = `CREATE TABLE IF NOT EXISTS steps (
  id ${ID} NOT NULL PRIMARY KEY,
  workflow_id ${ID} NOT NULL,
  block_id ${ID} NOT NULL,
  parent_step_id ${ID} NULL,
  step_index INT NOT NULL,
  role ${WORD} NOT NULL,
  name VARCHAR(128) NOT NULL,
  version INT NOT NULL,
  lane ${WORD} NOT NULL,
  box ${ascii(64)} NULL,
  state ${WORD} NOT NULL,
  is_urgent ${FLAG} NOT NULL,
  args MEDIUMTEXT NOT NULL,
  response MEDIUMTEXT NULL,
  attempts INT NOT NULL,
  crashes INT NOT NULL,
  deferrals INT NOT NULL,
  run_after_ms ${MS} NULL,
  worker_id ${ascii(128)} NULL,
  epoch BIGINT NOT NULL,
  reason ${WORD} NULL,
  error TEXT NULL,
  created_at_ms ${MS} NOT NULL,
  ready_at_ms ${MS} NULL,
  predecessor_ended_at_ms ${FRACTIONAL_MS} NULL,
  started_at_ms ${FRACTIONAL_MS} NULL,
  finished_at_ms ${FRACTIONAL_MS} NULL,
  KEY steps_workflow (workflow_id),
  KEY steps_delayed (state, run_after_ms),
  KEY steps_ready (state, ready_at_ms),
  KEY steps_started (started_at_ms)
) ${TABLE_OPTIONS}`;

/** The rows of the step engine. */
export const STEPS: Migration = { id: '0002-steps', statements: [workflows, steps] };
