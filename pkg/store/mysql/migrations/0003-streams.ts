import { AMOUNT, ascii, TABLE_OPTIONS, type Migration } from './migration.ts';

const WORD = ascii(48);
const MS = 'BIGINT';

/** A table of its own: symbols are read by everybody, and a row that changes each second locks what it shares. */
const prices = `CREATE TABLE IF NOT EXISTS prices (
  symbol VARCHAR(64) NOT NULL PRIMARY KEY,
  mark ${AMOUNT} NOT NULL,
  at_ms ${MS} NOT NULL
) ${TABLE_OPTIONS}`;

const accountStreams = `CREATE TABLE IF NOT EXISTS account_streams (
  account_id ${ascii(40)} NOT NULL PRIMARY KEY,
  epoch BIGINT NOT NULL,
  reason ${WORD} NULL,
  since_ms ${MS} NOT NULL,
  dead_letters INT NOT NULL
) ${TABLE_OPTIONS}`;

/** What the streams bring: the newest mark of each symbol, and whether each account's events are complete. */
export const STREAMS: Migration = { id: '0003-streams', statements: [prices, accountStreams] };
