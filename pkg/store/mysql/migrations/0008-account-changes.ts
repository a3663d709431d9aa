import { ascii, TABLE_OPTIONS, type Migration } from './migration.ts';

const accountChanges = `CREATE TABLE IF NOT EXISTS account_changes (
  account_id ${ascii(40)} NOT NULL,
  number INT NOT NULL,
  kind ${ascii(48)} NOT NULL,
  who VARCHAR(128) NOT NULL,
  why TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  settings TEXT NULL,
  PRIMARY KEY (account_id, number)
) ${TABLE_OPTIONS}`;

/** Who changed what of an account, when and why. When this table was made also tells a copy of the rows from the original. */
export const ACCOUNT_CHANGES: Migration = {
  id: '0008-account-changes',
  statements: [accountChanges],
};
