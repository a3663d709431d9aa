import type { Migration } from './migration.ts';

/** When the venue ends a contract. The release before leaves the column empty, and knows no announcements. */
export const DELIVERIES: Migration = {
  id: '0007-deliveries',
  statements: [
    {
      unless: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
        AND table_name = 'symbols' AND column_name = 'delivers_at_ms' LIMIT 1`,
      run: 'ALTER TABLE symbols ADD COLUMN delivers_at_ms BIGINT NULL',
    },
  ],
};
