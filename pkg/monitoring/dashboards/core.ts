import type { Dashboard } from '../panel.ts';

const SOURCE = 'fleet' as const;

export const CORE: Dashboard = {
  uid: 'kraite-core',
  title: 'Kraite / Core',
  description: 'MySQL and Redis, as they tell the dispatcher of themselves.',
  page: '/',
  rows: [
    {
      title: 'Both',
      panels: [
        {
          ...{ title: 'Answers', kind: 'stat', unit: 'bool_yes_no', source: SOURCE },
          description: 'Whether the server answers.',
          thresholds: { critical: 1, isLowBad: true },
          queries: [
            { expr: 'max by (server) (kraite_core_up{fleet=~"$fleet"})', legend: '{{server}}' },
          ],
          runbook: 'KraiteCoreAway',
        },
        {
          ...{ title: 'Failed statements', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Statements of the fleet that failed, by the code of the error.',
          thresholds: { warning: 0.1 },
          queries: [
            {
              expr: 'sum by (code) (rate(kraite_store_errors_total{fleet=~"$fleet"}[$__rate_interval])) or vector(0)',
              legend: '{{code}}',
            },
          ],
          runbook: 'KraiteCoreAway',
        },
        {
          ...{
            title: 'Reads for metrics that failed',
            kind: 'series',
            unit: 'ops',
            source: SOURCE,
          },
          description: 'Pages of metrics that lack something.',
          thresholds: { warning: 0.01 },
          queries: [
            {
              expr: 'sum(rate(kraite_scrape_reads_failed_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'reads',
            },
          ],
        },
      ],
    },
    {
      title: 'MySQL',
      panels: [
        {
          ...{ title: 'Statements', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Statements that the server ran, and explicit commits among them.',
          thresholds: {},
          queries: [
            {
              expr: 'max(rate(kraite_mysql_statements_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'statements',
            },
            {
              expr: 'max(rate(kraite_mysql_commits_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'commits',
            },
            {
              expr: 'max(rate(kraite_mysql_rollbacks_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'rollbacks',
            },
          ],
        },
        {
          ...{ title: 'Connections', kind: 'series', unit: 'percentunit', source: SOURCE },
          description: 'Share of the connections that the server takes.',
          thresholds: { warning: 0.8, critical: 0.95 },
          queries: [
            {
              expr: 'max(kraite_mysql_connections{fleet=~"$fleet"}) / max(kraite_mysql_connections_limit{fleet=~"$fleet"})',
              legend: 'used',
            },
          ],
          runbook: 'KraiteDatabaseConnections',
        },
        {
          ...{ title: 'Statements at work', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Connections that run a statement at the moment of the look.',
          thresholds: { warning: 30 },
          queries: [
            { expr: 'max(kraite_mysql_threads_running{fleet=~"$fleet"})', legend: 'running' },
          ],
        },
        {
          ...{ title: 'Slow statements', kind: 'series', unit: 'ops', source: SOURCE },
          description: "Slower than the server's long_query_time.",
          thresholds: { warning: 0.1 },
          queries: [
            {
              expr: 'max(rate(kraite_mysql_slow_statements_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'slow',
            },
          ],
        },
        {
          ...{ title: 'Waits for row locks', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Statements that waited for a row lock.',
          thresholds: { warning: 50 },
          queries: [
            {
              expr: 'max(rate(kraite_mysql_row_lock_waits_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'waits',
            },
          ],
        },
        {
          ...{
            title: 'Time in waits for row locks',
            kind: 'series',
            unit: 'percentunit',
            source: SOURCE,
          },
          description: 'Seconds waited in a second, over all statements.',
          thresholds: { warning: 1 },
          queries: [
            {
              expr: 'max(rate(kraite_mysql_row_lock_seconds_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'waited',
            },
          ],
        },
        {
          ...{ title: 'Reads from disk', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Pages that were not in the buffer pool.',
          thresholds: { warning: 500 },
          queries: [
            {
              expr: 'max(rate(kraite_mysql_disk_reads_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'pages',
            },
          ],
        },
        {
          ...{ title: 'Syncs and log', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Syncs of the storage engine to the disk.',
          thresholds: { warning: 2_000 },
          queries: [
            {
              expr: 'max(rate(kraite_mysql_fsyncs_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'syncs',
            },
          ],
        },
        {
          ...{ title: 'Redo log', kind: 'series', unit: 'Bps', source: SOURCE },
          description: 'Bytes written to the redo log.',
          thresholds: { warning: 50_000_000 },
          queries: [
            {
              expr: 'max(rate(kraite_mysql_log_written_bytes_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'written',
            },
          ],
        },
      ],
    },
    {
      title: 'Redis',
      panels: [
        {
          ...{ title: 'Memory', kind: 'series', unit: 'bytes', source: SOURCE },
          description: 'Used, and what it may use where it has a limit.',
          thresholds: {},
          queries: [
            { expr: 'max(kraite_redis_memory_used_bytes{fleet=~"$fleet"})', legend: 'used' },
            { expr: 'max(kraite_redis_memory_limit_bytes{fleet=~"$fleet"})', legend: 'limit' },
          ],
          runbook: 'KraiteRedisMemory',
        },
        {
          ...{ title: 'Commands', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Commands that Redis ran.',
          thresholds: {},
          queries: [
            {
              expr: 'max(rate(kraite_redis_commands_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'commands',
            },
          ],
        },
        {
          ...{ title: 'Clients', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Connections to Redis.',
          thresholds: { warning: 5_000 },
          queries: [{ expr: 'max(kraite_redis_clients{fleet=~"$fleet"})', legend: 'clients' }],
        },
        {
          ...{ title: 'Dropped keys', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Keys dropped for want of memory. Above zero, the policy is not noeviction.',
          thresholds: { critical: 0.001 },
          queries: [
            {
              expr: 'max(rate(kraite_redis_evicted_keys_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'keys',
            },
          ],
          runbook: 'KraiteRedisMemory',
        },
        {
          ...{ title: 'Writes its file', kind: 'stat', unit: 'bool_yes_no', source: SOURCE },
          description: 'Whether the last write of the append-only file went well.',
          thresholds: { critical: 1, isLowBad: true },
          queries: [
            { expr: 'min(kraite_redis_persistence_ok{fleet=~"$fleet"})', legend: 'written' },
          ],
          runbook: 'KraiteRedisMemory',
        },
      ],
    },
  ],
};
