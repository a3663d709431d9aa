import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { setHold } from '#pkg/holds';
import { saveHealth, setMode, type HealthState } from '#pkg/modes';
import { createMetrics } from '#pkg/observability';
import { createMemoryStore, StoreUnavailableError } from '#pkg/store';
import { saveScoredMarket } from '#pkg/lifecycles';
import { showCore } from './core-metrics.ts';
import { showFleet } from './fleet-metrics.ts';

const NOW_MS = 1_764_000_000_000;

const create = () =>
  createMetrics({ box: 'athena', process: 'p', version: '1', isNodeIncluded: false });
/** Returns the lines of the page without box and process. */
const linesOf = async (metrics: ReturnType<typeof create>): Promise<readonly string[]> => {
  const { text } = await metrics.render();
  return text.split('\n').map((line) => line.replace(/,?box="athena",process="p"/, ''));
};

test('modes, pauses, findings and the market are shown as the rows have them', async () => {
  const clock = createManualClock(NOW_MS);
  const store = createMemoryStore({ clock });
  const metrics = create();
  showFleet(metrics, { store, nowMs: () => clock.nowMs() });
  await setMode(store.settings, { name: 'close-only', by: 'ann', why: 'w', sinceMs: NOW_MS });
  await setHold(
    store.settings,
    {
      ...{ scope: { kind: 'lane', lane: 'orders' }, source: 'person', owner: 'ann' },
      ...{ reason: 'LanePaused', why: 'w', sinceMs: NOW_MS },
    },
    NOW_MS,
  );
  const finding = (signal: string, isTold: boolean) =>
    ({ signal, isTold, severity: 'critical' }) as HealthState;
  await saveHealth(store.settings, {
    lookedAtMs: NOW_MS,
    states: [finding('marks-stale', true), finding('marks-stale', true), finding('x', false)],
  });
  await saveScoredMarket(store.settings, {
    ...{ score: 61, parts: [], drawdownRatio: 0.12, isFloored: false },
    ...{ candlesUntilMs: NOW_MS, scoredAtMs: NOW_MS },
  });

  const lines = await linesOf(metrics);
  expect(lines).toEqual(
    expect.arrayContaining([
      'kraite_mode{mode="close-only"} 1',
      'kraite_mode{mode="normal"} 0',
      'kraite_holds{scope="lane"} 1',
      'kraite_holds{scope="fleet"} 0',
      'kraite_health_findings{signal="marks-stale",severity="critical"} 2',
      `kraite_health_look_timestamp_seconds{} ${NOW_MS / 1_000}`,
      'kraite_regime_score{} 61',
      'kraite_regime_cooldown{} 0',
      'kraite_symbol_directions{direction="none"} 0',
    ]),
  );
  expect(lines.join()).not.toContain('signal="x"');
});

test('what cannot be read any more is not shown as if it still held', async () => {
  const clock = createManualClock(NOW_MS);
  const store = createMemoryStore({ clock });
  let isAway = false;
  const metrics = create();
  const settings: typeof store.settings = {
    ...store.settings,
    find: (name) =>
      isAway ? Promise.reject(new StoreUnavailableError({})) : store.settings.find(name),
  };
  showFleet(metrics, { store: { ...store, settings }, nowMs: () => clock.nowMs() });
  expect(await linesOf(metrics)).toContain('kraite_mode{mode="normal"} 1');
  isAway = true;
  const lines = await linesOf(metrics);
  expect(lines.filter((line) => /^kraite_(mode|holds|health_findings)\{/.test(line))).toEqual([]);
  expect(lines).toContain('kraite_regime_cooldown{} 0');
});

test('counters of the servers go on over a restart of the server, and its absence is a figure', async () => {
  let questions: number | undefined = 1_000;
  const metrics = create();
  showCore(metrics, {
    store: {
      readServerStatus: () =>
        questions === undefined
          ? Promise.reject(new StoreUnavailableError({}))
          : Promise.resolve(
              new Map([
                ['Questions', questions],
                ['Innodb_row_lock_time', 2_500],
              ]),
            ),
    },
    redis: {
      info: () => Promise.resolve('# Memory\r\nused_memory:77\r\naof_last_write_status:err\r\n'),
    },
  });
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining([
      'kraite_core_up{server="mysql"} 1',
      'kraite_mysql_statements_total{} 1000',
      'kraite_mysql_row_lock_seconds_total{} 2.5',
      'kraite_redis_memory_used_bytes{} 77',
      'kraite_redis_persistence_ok{} 0',
    ]),
  );
  questions = 1_200;
  expect(await linesOf(metrics)).toContain('kraite_mysql_statements_total{} 1200');
  questions = undefined;
  expect(await linesOf(metrics)).toContain('kraite_core_up{server="mysql"} 0');
  questions = 50;
  expect(await linesOf(metrics)).toContain('kraite_mysql_statements_total{} 1250');
});
