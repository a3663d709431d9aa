/**
 * What the operator costs, beside an operator on controller-runtime that does the same work.
 *
 *   kraite bench operator [--fleets 100] [--boxes 40] [--sizes 7,83] [--quiet-seconds 60] [--parts sizes,many] [--only kraite|controller-runtime] [--json FILE]
 *
 * Each contender gets an etcd and an API server of its own, one after the other on the same machine. Nodes are objects
 * without a kubelet, and no pod runs: what is measured is the work between the API server and the operator. The peer
 * (`peer/main.go`) applies four objects for each worker as ours does, and has neither lifecycle nor egress; ours writes
 * more (nodes, services, policies, secrets, the agents). Prints one JSON line for each row, and the figures with their
 * ratios last; `--json` writes these.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { LABELS } from '#operator/api';
import { createSystemClock, createSystemRandom } from '#pkg/base';
import {
  connectToCluster,
  createRestClient,
  loadKubeAccess,
  type KubeObject,
  type ResourceKind,
  type WatchingKubeClient,
} from '#operator/runtime';
import { installCrds, startControlPlane } from '../../tests/kube/harness/index.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { median, printRows, writeRows, type BenchRow } from '../report.ts';
import { CONTENDERS, startContender, type Contender, type ContenderName } from './contender.ts';
import { makeFleet, type BenchFleet } from './fleets.ts';
import { histogramQuantile, readSamples } from './prometheus.ts';

const values = readExerciseOptions({
  fleets: 100,
  boxes: 40,
  sizes: [7, 83],
  parts: 'sizes,many',
  'quiet-seconds': 60,
  only: CONTENDERS.join(','),
  json: undefined,
});

const clock = createSystemClock();
const random = createSystemRandom();
/** Boxes of one fleet: the sample, and one of 80 trading boxes with four lanes each, which stands for 40 with eight. */
const SIZES = values.sizes;
const ROUNDS = 3;
const WAIT_MS_MAX = 1_800_000;

const kindOf = (apiVersion: string, kind: string, plural: string): ResourceKind => ({
  apiVersion,
  kind,
  plural,
  isNamespaced: true,
});
const COUNTED = [
  kindOf('apps/v1', 'Deployment', 'deployments'),
  kindOf('v1', 'ConfigMap', 'configmaps'),
  kindOf('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  kindOf('fleet.kraite.io/v1alpha1', 'KraiteWorkerPool', 'kraiteworkerpools'),
];

interface Row {
  readonly contender: string;
  readonly row: string;
  readonly [figure: string]: string | number;
}

const rows: Row[] = [];

function print(row: Row): void {
  rows.push(row);
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

/** The API server as the one who measures sees it. */
interface Server {
  readonly client: WatchingKubeClient;
  /** GET, as it comes. */
  read(path: string): Promise<string>;
}

async function prepare({ client }: Server, fleet: BenchFleet): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: fleet.namespace } };
  await client.apply(namespace, { fieldManager: 'bench' });
  for (const box of fleet.boxes) await makeNode(client, box);
}

async function makeNode(client: WatchingKubeClient, box: string): Promise<void> {
  const metadata = { name: box, labels: { [LABELS.box]: box } };
  await client.apply({ apiVersion: 'v1', kind: 'Node', metadata }, { fieldManager: 'bench' });
  const condition = { type: 'Ready', status: 'True', reason: 'Bench', message: 'no kubelet' };
  const status = { conditions: [condition] };
  const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: box }, status };
  await client.apply(node, { fieldManager: 'bench', subresource: 'status' });
}

/** Objects of one kind, without reading them: the server says how many a page of one leaves. */
async function countObjects(
  server: Server,
  kind: ResourceKind,
  namespace: string | undefined,
): Promise<number> {
  const root = kind.apiVersion.includes('/')
    ? `/apis/${kind.apiVersion}`
    : `/api/${kind.apiVersion}`;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const { items, metadata } = JSON.parse(
    await server.read(`${root}${scope}/${kind.plural}?limit=1`),
  ) as {
    readonly items: readonly unknown[];
    readonly metadata: { readonly remainingItemCount?: number };
  };
  return items.length + (metadata.remainingItemCount ?? 0);
}

function countAll(server: Server, namespace: string | undefined): Promise<readonly number[]> {
  return Promise.all(COUNTED.map((kind) => countObjects(server, kind, namespace)));
}

/** Resolves with the ms until every worker of the fleets has its four objects. */
async function timeUntilThere(
  server: Server,
  fleets: readonly BenchFleet[],
  {
    startedMs,
    namespace,
    before,
  }: {
    readonly startedMs: number;
    readonly namespace: string | undefined;
    readonly before: readonly number[];
  },
): Promise<number> {
  const wanted = fleets.reduce((sum, { workers }) => sum + workers, 0);
  let told = clock.monotonicMs();
  for (;;) {
    const now = await countAll(server, namespace);
    const counts = now.map((count, index) => count - (before[index] ?? 0));
    if (counts.every((count) => count >= wanted)) return clock.monotonicMs() - startedMs;
    const nowMs = clock.monotonicMs();
    if (nowMs - startedMs > WAIT_MS_MAX) throw new Error(`only ${counts.join(', ')} of ${wanted}`);
    if (nowMs - told > 10_000) {
      told = nowMs;
      process.stderr.write(`  ${counts.join(', ')} of ${wanted} objects are there\n`);
    }
    await sleep(fleets.length === 1 ? 10 : 500);
  }
}

async function applyAndTime(server: Server, fleets: readonly BenchFleet[]): Promise<number> {
  const namespace = fleets.length === 1 ? fleets[0]?.namespace : undefined;
  const before = await countAll(server, namespace);
  const startedMs = clock.monotonicMs();
  for (const { manifest } of fleets) {
    await server.client.apply(manifest as KubeObject, { fieldManager: 'bench' });
  }
  return timeUntilThere(server, fleets, { startedMs, namespace, before });
}

/** Writes that the API server has seen from everybody, those of leases left out. */
async function countWrites(server: Server): Promise<number> {
  const page = await server.read('/metrics');
  return readSamples(page, 'apiserver_request_total')
    .filter(({ labels }) =>
      ['APPLY', 'PATCH', 'POST', 'PUT', 'DELETE'].includes(labels['verb'] ?? ''),
    )
    .filter(({ labels }) => labels['resource'] !== 'leases')
    .reduce((sum, { value }) => sum + value, 0);
}

/** Waits until nothing is written any more for a while. */
async function settle(server: Server): Promise<void> {
  for (let before = -1, now = 0; before !== now;) {
    before = now;
    await sleep(5_000);
    now = await countWrites(server);
  }
}

async function measureQuiet(server: Server, contender: Contender, row: string): Promise<void> {
  await settle(server);
  const seconds = values['quiet-seconds'];
  const [writes, cpuMs] = [await countWrites(server), contender.cpuMs()];
  await sleep(seconds * 1_000);
  print({
    contender: contender.name,
    row,
    writesPerMinute: ((await countWrites(server)) - writes) * (60 / seconds),
    cpuPercentOfACore: round((contender.cpuMs() - cpuMs) / (seconds * 10), 2),
    residentMegabytes: contender.residentMegabytes(),
  });
}

const round = (value: number, digits: number): number =>
  Math.round(value * 10 ** digits) / 10 ** digits;

async function measureSizes(server: Server, contender: Contender): Promise<void> {
  for (const size of SIZES) {
    const tookMs: number[] = [];
    for (let turn = 1; turn <= ROUNDS; turn += 1) {
      const fleet = makeFleet(`s${size}r${turn}`, size, turn);
      await prepare(server, fleet);
      // What follows the objects of the round before (statuses, nodes) is written first.
      await settle(server);
      tookMs.push(await applyAndTime(server, [fleet]));
      if (size === SIZES[0] && turn === 1) {
        await measureQuiet(server, contender, `one fleet of ${size} boxes, nothing changes`);
      }
    }
    print({
      contender: contender.name,
      row: `one fleet of ${size} boxes: from apply to all objects`,
      workers: makeFleet('count', size, 1).workers,
      msMedian: Math.round(median(tookMs)),
      msAll: tookMs.map(Math.round).join(' '),
    });
  }
}

async function measureMany(server: Server, contender: Contender): Promise<void> {
  const { fleets: count, boxes: size } = values;
  const fleets = Array.from({ length: count }, (_, index) =>
    makeFleet(`m${index}`, size, index + 20),
  );
  for (const { namespace } of fleets) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await server.client.apply(object, { fieldManager: 'bench' });
  }
  const cpuMs = contender.cpuMs();
  const tookMs = await applyAndTime(server, fleets);
  const workers = fleets.reduce((sum, fleet) => sum + fleet.workers, 0);
  const page = await contender.metrics();
  const quantile = (share: number): number =>
    round(
      histogramQuantile(page, {
        name: 'controller_runtime_reconcile_time_seconds',
        labels: { controller: 'kraitefleet' },
        quantile: share,
      }) * 1_000,
      0,
    );
  print({
    contender: contender.name,
    row: `${count} fleets of ${size} boxes: from apply to all objects`,
    workers,
    seconds: round(tookMs / 1_000, 1),
    cpuSeconds: round((contender.cpuMs() - cpuMs) / 1_000, 2),
    residentMegabytes: contender.residentMegabytes(),
    reconcileMsP50: quantile(0.5),
    reconcileMsP99: quantile(0.99),
  });
  await measureQuiet(server, contender, `${count} fleets of ${size} boxes, nothing changes`);
}

async function measure(name: ContenderName): Promise<void> {
  process.stderr.write(`${name}: starting an API server of its own ...\n`);
  const folder = mkdtempSync(join(tmpdir(), 'kraite-bench-'));
  await using plane = await startControlPlane();
  await installCrds(plane.kubeconfig);
  const access = await loadKubeAccess({ kubeconfig: plane.kubeconfig });
  const transport = connectToCluster(access, clock);
  const rate = { perSecond: 5_000, burst: 5_000 };
  await using client = createRestClient({ transport, clock, random, rate });
  const server: Server = {
    client,
    read: async (path) => {
      const { signal } = new AbortController();
      const { status, body } = await transport.request({ method: 'GET', path, signal });
      if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
      return body;
    },
  };
  const system = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kraite-system' } };
  await client.apply(system, { fieldManager: 'bench' });
  await using contender = await startContender(name, { kubeconfig: plane.kubeconfig, folder });
  if (values.parts.includes('sizes')) await measureSizes(server, contender);
  if (values.parts.includes('many')) await measureMany(server, contender);
}

const UNITS: Readonly<Record<string, string>> = {
  msMedian: 'ms',
  seconds: 's',
  cpuSeconds: 's of CPU',
  residentMegabytes: 'MB',
  reconcileMsP50: 'ms',
  reconcileMsP99: 'ms',
  writesPerMinute: 'writes/min',
  cpuPercentOfACore: '% of a core',
};

/** The figures of both, in the form that all benches share. */
function report(): void {
  const figures = rows
    .filter(({ contender }) => contender === CONTENDERS[0])
    .flatMap((row) => {
      const peer = rows.find((each) => each.row === row.row && each.contender !== row.contender);
      return Object.entries(UNITS)
        .filter(([figure]) => figure in row)
        .map(([figure, unit]): BenchRow => ({
          name: `${row.row}, ${figure}`,
          unit,
          ours: Number(row[figure]),
          peers: peer === undefined ? {} : { [peer.contender]: Number(peer[figure]) },
          runs: figure === 'msMedian' ? ROUNDS : 1,
        }));
    });
  printRows(figures);
  writeRows(values.json, figures);
}

for (const name of CONTENDERS) {
  if (values.only.split(',').includes(name)) await measure(name);
}
report();
