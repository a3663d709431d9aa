import type { GuardedStatement, Migration } from './migration.ts';

function addIndex(table: string, name: string, columns: string): GuardedStatement {
  return {
    unless: `SELECT 1 FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = '${table}' AND index_name = '${name}' LIMIT 1`,
    run: `ALTER TABLE ${table} ADD KEY ${name} (${columns})`,
  };
}

function dropIndex(table: string, name: string): GuardedStatement {
  return {
    unless: `SELECT 1 FROM (SELECT COUNT(*) AS found FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = '${table}' AND index_name = '${name}') i
      WHERE i.found = 0`,
    run: `ALTER TABLE ${table} DROP KEY ${name}`,
  };
}

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
