import { addIndex, dropIndex } from './index-changes.ts';
import { ascii, type Migration } from './migration.ts';

/**
 * One key for the few steps that somebody looks for, instead of three that each move of each step has to change.
 *
 * The release before finds its rows without these keys too, only by reading more of them.
 */
export const LEAN_STEPS: Migration = {
  id: '0006-lean-steps',
  statements: [
    {
      unless: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
        AND table_name = 'steps' AND column_name = 'open_state' LIMIT 1`,
      run: `ALTER TABLE steps ADD COLUMN open_state ${ascii(48)} GENERATED ALWAYS AS
        (CASE WHEN state IN ('ready', 'delayed', 'running') THEN state ELSE NULL END) STORED`,
    },
    addIndex('steps', 'steps_open', 'open_state, run_after_ms'),
    ...['steps', 'steps_archive'].flatMap((table) =>
      ['steps_delayed', 'steps_ready', 'steps_started'].map((key) => dropIndex(table, key)),
    ),
  ],
};
