import type { GuardedStatement } from './migration.ts';

/** Adds a key to a table that has it not yet. */
export function addIndex(table: string, name: string, columns: string): GuardedStatement {
  return {
    unless: `SELECT 1 FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = '${table}' AND index_name = '${name}' LIMIT 1`,
    run: `ALTER TABLE ${table} ADD KEY ${name} (${columns})`,
  };
}

/** Takes a key from a table that still has it. */
export function dropIndex(table: string, name: string): GuardedStatement {
  return {
    unless: `SELECT 1 FROM (SELECT COUNT(*) AS found FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = '${table}' AND index_name = '${name}') i
      WHERE i.found = 0`,
    run: `ALTER TABLE ${table} DROP KEY ${name}`,
  };
}
