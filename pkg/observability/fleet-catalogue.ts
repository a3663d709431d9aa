import type { MetricDefinition } from './metric-definition.ts';

/** What the dispatcher shows of the servers of the core and of the fleet as a whole; a part of the catalogue. */
export const FLEET_METRICS = {
  kraite_scrape_reads_failed_total: {
    kind: 'counter',
    help: 'Reads for this page that failed; what they would have shown is missing.',
    labels: [],
  },
  kraite_core_up: {
    kind: 'gauge',
    help: 'Whether the server of the core (mysql, redis) answers the dispatcher (1).',
    labels: ['server'],
  },
  kraite_mysql_connections: {
    kind: 'gauge',
    help: 'Connections to the database server.',
    labels: [],
  },
  kraite_mysql_connections_limit: {
    kind: 'gauge',
    help: 'Connections that the database server takes.',
    labels: [],
  },
  kraite_mysql_threads_running: {
    kind: 'gauge',
    help: 'Connections that run a statement at the moment of the look.',
    labels: [],
  },
  kraite_mysql_statements_total: {
    kind: 'counter',
    help: 'Statements that the database server ran.',
    labels: [],
  },
  kraite_mysql_commits_total: {
    kind: 'counter',
    help: 'Explicit commits; a lone statement that commits by itself is not among them.',
    labels: [],
  },
  kraite_mysql_rollbacks_total: {
    kind: 'counter',
    help: 'Explicit rollbacks.',
    labels: [],
  },
  kraite_mysql_slow_statements_total: {
    kind: 'counter',
    help: "Statements slower than the server's long_query_time.",
    labels: [],
  },
  kraite_mysql_row_lock_waits_total: {
    kind: 'counter',
    help: 'Times that a statement waited for a row lock.',
    labels: [],
  },
  kraite_mysql_row_lock_seconds_total: {
    kind: 'counter',
    help: 'Time that statements waited for row locks.',
    labels: [],
  },
  kraite_mysql_disk_reads_total: {
    kind: 'counter',
    help: 'Pages that were not in the buffer pool.',
    labels: [],
  },
  kraite_mysql_fsyncs_total: {
    kind: 'counter',
    help: 'Syncs of the storage engine to the disk.',
    labels: [],
  },
  kraite_mysql_log_written_bytes_total: {
    kind: 'counter',
    help: 'Bytes that were written to the redo log.',
    labels: [],
  },
  kraite_redis_memory_used_bytes: {
    kind: 'gauge',
    help: 'Memory that Redis uses.',
    labels: [],
  },
  kraite_redis_memory_limit_bytes: {
    kind: 'gauge',
    help: 'Memory that Redis may use; 0 without a limit of its own.',
    labels: [],
  },
  kraite_redis_clients: {
    kind: 'gauge',
    help: 'Connections to Redis.',
    labels: [],
  },
  kraite_redis_commands_total: {
    kind: 'counter',
    help: 'Commands that Redis ran.',
    labels: [],
  },
  kraite_redis_evicted_keys_total: {
    kind: 'counter',
    help: 'Keys that Redis dropped for want of memory. Anything above 0: its policy is not noeviction.',
    labels: [],
  },
  kraite_redis_persistence_ok: {
    kind: 'gauge',
    help: "Whether Redis' last write of its append-only file went well (1).",
    labels: [],
  },
  kraite_mode: {
    kind: 'gauge',
    help: 'Whether the mode stands (1), as the dispatcher read it.',
    labels: ['mode'],
  },
  kraite_holds: {
    kind: 'gauge',
    help: 'Pauses that stand, by what they reach.',
    labels: ['scope'],
  },
  kraite_health_findings: {
    kind: 'gauge',
    help: 'What the watch over the fleet finds at the moment and has told, by signal.',
    labels: ['signal', 'severity'],
  },
  kraite_health_look_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the watch over the fleet looked last, seconds since 1970.',
    labels: [],
  },
  kraite_regime_score: {
    kind: 'gauge',
    help: "The market's score of danger, 0 to 100, as of its last hour.",
    labels: [],
  },
  kraite_regime_drawdown_ratio: {
    kind: 'gauge',
    help: 'How far the market stands below its high.',
    labels: [],
  },
  kraite_regime_scored_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the market was scored last, seconds since 1970.',
    labels: [],
  },
  kraite_regime_cooldown: {
    kind: 'gauge',
    help: 'Whether the market holds openings (1).',
    labels: [],
  },
  kraite_symbol_directions: {
    kind: 'gauge',
    help: 'Symbols by the direction that was concluded last.',
    labels: ['direction'],
  },
  kraite_direction_timestamp_seconds: {
    kind: 'gauge',
    help: 'When a direction was concluded last, of any symbol, seconds since 1970.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
