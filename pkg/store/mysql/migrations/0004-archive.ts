import { addIndex, dropIndex } from './index-changes.ts';
import type { Migration } from './migration.ts';

/**
 * Where ended workflows go, so that the tables of the engine stay small; and what finds one block of a wide workflow,
 * and the workflows that ended long ago, without reading the others.
 */
export const ARCHIVE: Migration = {
  id: '0004-archive',
  statements: [
    'CREATE TABLE IF NOT EXISTS workflows_archive LIKE workflows',
    'CREATE TABLE IF NOT EXISTS steps_archive LIKE steps',
    addIndex('steps', 'steps_block', 'workflow_id, block_id, step_index'),
    dropIndex('steps', 'steps_workflow'),
    addIndex('workflows', 'workflows_finished', 'finished_at_ms'),
    addIndex('workflows_archive', 'workflows_archive_finished', 'finished_at_ms'),
  ],
};
