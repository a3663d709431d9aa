import type { Migration } from './migration.ts';

/** Finds the archived workflows of one position. The table of running ones stays without: it is small, and written often. */
export const ARCHIVED_STORIES: Migration = {
  id: '0005-archived-stories',
  statements: [
    {
      unless: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
        AND table_name = 'workflows_archive' AND index_name = 'workflows_archive_position' LIMIT 1`,
      run: 'ALTER TABLE workflows_archive ADD KEY workflows_archive_position (position_id)',
    },
  ],
};
