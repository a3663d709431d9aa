/** What the servers of the core tell of themselves, under the names of the catalogue; nothing else is installed beside them. */
import type { CounterName, GaugeName, Metrics } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';
import type { Store } from '#pkg/store';

type PlainGauge = Extract<GaugeName, `kraite_${'mysql' | 'redis'}_${string}`>;
type PlainCounter = Extract<CounterName, `kraite_${'mysql' | 'redis'}_${string}`>;

interface Shown {
  /** As the server calls it. */
  readonly field: string;
  /** What a unit of the server is in the metric's. */
  readonly factor?: number;
}

const MYSQL_GAUGES: Readonly<Record<Extract<PlainGauge, `kraite_mysql_${string}`>, Shown>> = {
  kraite_mysql_connections: { field: 'Threads_connected' },
  kraite_mysql_connections_limit: { field: 'max_connections' },
  kraite_mysql_threads_running: { field: 'Threads_running' },
};
const MYSQL_COUNTERS: Readonly<Record<Extract<PlainCounter, `kraite_mysql_${string}`>, Shown>> = {
  kraite_mysql_statements_total: { field: 'Questions' },
  kraite_mysql_commits_total: { field: 'Com_commit' },
  kraite_mysql_rollbacks_total: { field: 'Com_rollback' },
  kraite_mysql_slow_statements_total: { field: 'Slow_queries' },
  kraite_mysql_row_lock_waits_total: { field: 'Innodb_row_lock_waits' },
  kraite_mysql_row_lock_seconds_total: { field: 'Innodb_row_lock_time', factor: 0.001 },
  kraite_mysql_disk_reads_total: { field: 'Innodb_buffer_pool_reads' },
  kraite_mysql_fsyncs_total: { field: 'Innodb_data_fsyncs' },
  kraite_mysql_log_written_bytes_total: { field: 'Innodb_os_log_written' },
};
const REDIS_GAUGES: Readonly<
  Record<
    Exclude<Extract<PlainGauge, `kraite_redis_${string}`>, 'kraite_redis_persistence_ok'>,
    Shown
  >
> = {
  kraite_redis_memory_used_bytes: { field: 'used_memory' },
  kraite_redis_memory_limit_bytes: { field: 'maxmemory' },
  kraite_redis_clients: { field: 'connected_clients' },
};
const REDIS_COUNTERS: Readonly<Record<Extract<PlainCounter, `kraite_redis_${string}`>, Shown>> = {
  kraite_redis_commands_total: { field: 'total_commands_processed' },
  kraite_redis_evicted_keys_total: { field: 'evicted_keys' },
};

/** Shows before each scrape whether MySQL and Redis answer, and what they tell of themselves. */
export function showCore(
  metrics: Metrics,
  {
    store,
    redis,
  }: {
    readonly store: Pick<Store, 'readServerStatus'>;
    readonly redis: Pick<RedisConnection, 'info'>;
  },
): void {
  const show = createShow(metrics);
  metrics.onScrape(async () => {
    const status = await readOf(metrics, 'mysql', () => store.readServerStatus());
    show(status, MYSQL_GAUGES, MYSQL_COUNTERS);
  });
  metrics.onScrape(async () => {
    const text = await readOf(metrics, 'redis', () => redis.info());
    const fields = new Map(
      text.split('\r\n').map((line) => line.split(':', 2) as [string, string]),
    );
    const numbers = new Map([...fields].map(([name, value]) => [name, Number(value)]));
    show(numbers, REDIS_GAUGES, REDIS_COUNTERS);
    const isWritten = fields.get('aof_last_write_status') !== 'err';
    metrics.set('kraite_redis_persistence_ok', {}, isWritten ? 1 : 0);
  });
}

async function readOf<T>(
  metrics: Metrics,
  server: 'mysql' | 'redis',
  read: () => Promise<T>,
): Promise<T> {
  try {
    const answer = await read();
    metrics.set('kraite_core_up', { server }, 1);
    return answer;
  } catch (error) {
    metrics.set('kraite_core_up', { server }, 0);
    throw error;
  }
}

/** Counts on from what the server counted at the last look; a server that began anew counts from 0. */
function createShow(metrics: Metrics) {
  const last = new Map<CounterName, number>();
  return (
    values: ReadonlyMap<string, number>,
    gauges: Partial<Readonly<Record<PlainGauge, Shown>>>,
    counters: Partial<Readonly<Record<PlainCounter, Shown>>>,
  ): void => {
    const valueOf = ({ field, factor = 1 }: Shown): number | undefined => {
      const value = values.get(field);
      return value === undefined || !Number.isFinite(value) ? undefined : value * factor;
    };
    for (const [name, shown] of Object.entries(gauges) as [PlainGauge, Shown][]) {
      const value = valueOf(shown);
      if (value !== undefined) metrics.set(name, {}, value);
    }
    for (const [name, shown] of Object.entries(counters) as [PlainCounter, Shown][]) {
      const value = valueOf(shown);
      if (value === undefined) continue;
      const before = last.get(name) ?? 0;
      metrics.increment(name, {}, value < before ? value : value - before);
      last.set(name, value);
    }
  };
}
