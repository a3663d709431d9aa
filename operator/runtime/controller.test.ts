import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom } from '#pkg/base';
import { createControllerMetrics, createSilentLogger } from '#pkg/observability';
import { createSimulatedKube } from '../../tests/simulation/kube/index.ts';
import { CONFIG_MAP, LEASE } from '../../tests/simulation/kube/kinds.ts';
import { passTime } from '../../tests/simulation/kube/virtual-time.ts';
import { createManager } from './create-manager.ts';
import { KubeApiError } from './errors.ts';
import { createRestClient } from './kube-client.ts';
import type { ControllerOptions } from './manager.ts';
import { TerminalError, type Reconciler } from './reconciler.ts';

function start(reconcile: Reconciler['reconcile'], options: Partial<ControllerOptions> = {}) {
  const clock = createManualClock();
  const kube = createSimulatedKube({ clock, kinds: [CONFIG_MAP, LEASE] });
  const metrics = createControllerMetrics();
  const random = createSeededRandom('controller');
  const transport = kube.server.connect('operator');
  const lost = { count: 0 };
  const manager = createManager({
    name: 'test-operator',
    namespace: 'n',
    identity: 'one',
    client: createRestClient({ transport, clock, random, metrics, kinds: [CONFIG_MAP, LEASE] }),
    clock,
    random,
    logger: createSilentLogger(),
    metrics,
    onLeaseLost: () => {
      lost.count += 1;
    },
  });
  manager.add({ name: 'test', watched: CONFIG_MAP, reconciler: { reconcile }, ...options });
  const stop = new AbortController();
  const state = { hasEnded: false };
  const ran = manager.run(stop.signal).then(() => {
    state.hasEnded = true;
  });
  return {
    clock,
    kube,
    manager,
    lost,
    state,
    stop,
    ran,
    put: (name: string) =>
      kube.client.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'n', name },
      }),
    /** The lines of the metrics page without help, or of those that begin with `prefix`. */
    lines: async (prefix = ''): Promise<readonly string[]> => {
      const { text } = await metrics.render();
      return text.split('\n').filter((line) => !line.startsWith('#') && line.startsWith(prefix));
    },
  };
}

/** controller-runtime: pkg/internal/controller/metrics, pkg/internal/metrics/workqueue.go, pkg/metrics. */
const NAMES = [
  'controller_runtime_active_workers{controller}',
  'controller_runtime_max_concurrent_reconciles{controller}',
  'controller_runtime_reconcile_errors_total{controller}',
  'controller_runtime_reconcile_panics_total{controller}',
  'controller_runtime_reconcile_time_seconds_bucket{controller,le}',
  'controller_runtime_reconcile_time_seconds_count{controller}',
  'controller_runtime_reconcile_time_seconds_sum{controller}',
  'controller_runtime_reconcile_timeouts_total{controller}',
  'controller_runtime_reconcile_total{controller,result}',
  'controller_runtime_terminal_reconcile_errors_total{controller}',
  'leader_election_master_status{name}',
  'leader_election_slowpath_total{name}',
  'rest_client_request_duration_seconds_bucket{host,le,verb}',
  'rest_client_request_duration_seconds_count{host,verb}',
  'rest_client_request_duration_seconds_sum{host,verb}',
  'rest_client_request_retries_total{code,host,verb}',
  'rest_client_requests_total{code,host,method}',
  'workqueue_adds_total{controller,name}',
  'workqueue_depth{controller,name,priority}',
  'workqueue_longest_running_processor_seconds{controller,name}',
  'workqueue_queue_duration_seconds_bucket{controller,le,name}',
  'workqueue_queue_duration_seconds_count{controller,name}',
  'workqueue_queue_duration_seconds_sum{controller,name}',
  'workqueue_retries_total{controller,name}',
  'workqueue_unfinished_work_seconds{controller,name}',
  'workqueue_work_duration_seconds_bucket{controller,le,name}',
  'workqueue_work_duration_seconds_count{controller,name}',
  'workqueue_work_duration_seconds_sum{controller,name}',
];

test('metrics have the names and labels of controller-runtime, and count each outcome', async () => {
  const seen = new Set<string>();
  const bench = start(async ({ name }, signal) => {
    const isFirst = !seen.has(name);
    seen.add(name);
    if (!isFirst || name === 'fine') return { kind: 'settled' };
    if (name === 'again') return { kind: 'checkAgain', afterMs: 1_000 };
    if (name === 'bad') throw new Error('the world refuses');
    if (name === 'mistake') throw new TypeError('undefined is not a function');
    if (name === 'hopeless') throw new TerminalError('change the object');
    if (name === 'conflict') throw new KubeApiError(409, { reason: 'Conflict' }, { call: 'PUT' });
    await bench.clock.sleep(600_000, signal);
    throw signal.reason;
  });
  await passTime(bench.clock, 1_000);
  expect(await bench.lines('rest_client_requests_total')).toEqual([
    // The lease that was not there yet; a list and the watch after it.
    'rest_client_requests_total{code="200",method="GET",host="simulated"} 2',
    'rest_client_requests_total{code="404",method="GET",host="simulated"} 1',
    'rest_client_requests_total{code="201",method="POST",host="simulated"} 1',
  ]);
  const names = ['fine', 'again', 'bad', 'mistake', 'hopeless', 'conflict', 'slow'];
  for (const name of names) await bench.put(name);
  let isRefused = false;
  bench.kube.server.faults = ({ verb }) => {
    if (verb !== 'update' || isRefused) return undefined;
    isRefused = true;
    return { kind: 'refuse', status: 503 };
  };
  await passTime(bench.clock, 100_000);
  bench.kube.server.faults = ({ verb }) =>
    verb === 'update' ? { kind: 'refuse', status: 503 } : undefined;
  await passTime(bench.clock, 8_000);

  expect(await bench.lines('controller_runtime_reconcile_total')).toEqual([
    'controller_runtime_reconcile_total{controller="test",result="success"} 6',
    'controller_runtime_reconcile_total{controller="test",result="requeue_after"} 1',
    'controller_runtime_reconcile_total{controller="test",result="error"} 4',
    'controller_runtime_reconcile_total{controller="test",result="requeue"} 1',
  ]);
  const one = async (name: string): Promise<string | undefined> => (await bench.lines(name))[0];
  for (const [name, value] of [
    ['controller_runtime_reconcile_errors_total', 4],
    ['controller_runtime_terminal_reconcile_errors_total', 1],
    ['controller_runtime_reconcile_panics_total', 1],
    ['controller_runtime_reconcile_timeouts_total', 1],
    ['controller_runtime_max_concurrent_reconciles', 1],
    ['controller_runtime_active_workers', 0],
  ] as const) {
    expect(await one(name)).toBe(`${name}{controller="test"} ${value}`);
  }
  expect(await one('leader_election_master_status')).toBe(
    'leader_election_master_status{name="test-operator"} 1',
  );
  const shapes = (await bench.lines()).filter(Boolean).map((line) => {
    const [, name = '', labels = ''] = /^([a-z_]+)\{(.*)\} /.exec(line) ?? [];
    const keys = [...labels.matchAll(/([a-z]+)="/g)].map(([, key = '']) => key);
    return `${name}{${keys.toSorted().join(',')}}`;
  });
  expect([...new Set(shapes)].toSorted()).toEqual(NAMES);
  bench.stop.abort();
  await passTime(bench.clock, 30_000);
  await bench.ran;
});

test('a stop lets the key under way end, gives the lease back after it, and takes no other key', async () => {
  const done: string[] = [];
  const bench = start(async ({ name }) => {
    await bench.clock.sleep(5_000);
    done.push(name);
    return { kind: 'settled' };
  });
  await bench.put('first');
  await bench.put('second');
  await passTime(bench.clock, 1_000);
  bench.stop.abort();
  await passTime(bench.clock, 3_000);
  expect(await holder(bench.kube)).toBe('one');
  await passTime(bench.clock, 2_000);
  expect([done, await holder(bench.kube), bench.state.hasEnded]).toEqual([['first'], '', true]);
});

test('a key that does not end in the time of grace is aborted', async () => {
  const reasons: unknown[] = [];
  const bench = start(
    async (_, signal) => {
      await bench.clock.sleep(600_000, signal);
      reasons.push(signal.reason);
      throw signal.reason;
    },
    { reconcileTimeoutMs: 600_000 },
  );
  await bench.put('slow');
  await passTime(bench.clock, 1_000);
  bench.stop.abort();
  await passTime(bench.clock, 24_000);
  expect(bench.state.hasEnded).toBe(false);
  await passTime(bench.clock, 2_000);
  expect(bench.state.hasEnded).toBe(true);
  expect(String(reasons[0])).toContain('the process stops');
});

test('a lost lease is told at once, also while a reconciler does not listen', async () => {
  const bench = start(() => new Promise(() => undefined));
  await bench.put('stuck');
  await passTime(bench.clock, 1_000);
  expect(bench.manager.epoch()).toBe(0);
  bench.kube.server.cutOff('operator');
  await passTime(bench.clock, 11_000);
  expect([bench.lost.count, bench.manager.epoch()]).toEqual([1, undefined]);
});

test('as many keys run at a time as were asked for, and none of them twice', async () => {
  const running = new Map<string, number>();
  let most = 0;
  const bench = start(
    async ({ name }) => {
      running.set(name, (running.get(name) ?? 0) + 1);
      expect(running.get(name)).toBe(1);
      most = Math.max(most, running.size);
      await bench.clock.sleep(1_000);
      running.delete(name);
      return { kind: 'checkAgain', afterMs: 500 };
    },
    { concurrency: 3 },
  );
  for (let index = 0; index < 6; index += 1) await bench.put(`key-${index}`);
  await passTime(bench.clock, 20_000);
  expect(most).toBe(3);
  bench.stop.abort();
  await passTime(bench.clock, 2_000);
  await bench.ran;
});

async function holder(kube: ReturnType<typeof createSimulatedKube>): Promise<unknown> {
  const lease = await kube.client.find(LEASE, { namespace: 'n', name: 'test-operator' });
  return (lease?.['spec'] as { readonly holderIdentity?: string } | undefined)?.holderIdentity;
}
