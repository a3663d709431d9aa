/** `kraite` about a fleet in a cluster: a real API server, and what it says when that is away or refuses. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { FleetStatus } from '#operator/api';
import { eventually } from '../harness/eventually.ts';
import { SAMPLE } from '../harness/sample-fleet.ts';
import {
  openCluster,
  startControlPlane,
  type Cluster,
  type ControlPlane,
} from './harness/index.ts';
import { run, type ToolResult } from './harness/run.ts';

const KRAITE = join(import.meta.dirname, '../../kraite');
const CRDS = join(import.meta.dirname, '../../charts/kraite-operator/templates/crds');
const URL = 'http://venue.kraite.test:9090';
const READY = SAMPLE.replaceAll(
  /(rest|publicStream|marketStream|privateStream|endpoint): ''/g,
  `$1: ${URL}`,
);

let plane: ControlPlane;
let cluster: Cluster;
let folder = '';
let namespace = '';

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = await openCluster(plane.kubeconfig);
  folder = await mkdtemp(join(tmpdir(), 'kraite-cli-'));
  ({ name: namespace } = await cluster.makeNamespace());
}, 600_000);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await plane?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Typed {
  readonly kubeconfig?: string;
  /** As `kubectl kraite` hands over. */
  readonly isPlugin?: boolean;
}

function environmentOf({ kubeconfig = plane.kubeconfig, isPlugin = false }: Typed) {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    KUBECONFIG: kubeconfig,
    ...(isPlugin ? { KRAITE_INVOKED_AS: 'kubectl kraite' } : {}),
  };
}

function kraite(args: readonly string[], typed: Typed = {}): Promise<ToolResult> {
  return run([KRAITE, ...args], { environment: environmentOf(typed) });
}

function inNamespace(...args: readonly string[]): readonly string[] {
  return [...args, '--cluster', '-n', namespace];
}

async function writeFleet(text: string, name = 'kraite'): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(
    file,
    text.replace('name: kraite\n  namespace: kraite', `name: ${name}\n  namespace: ${namespace}`),
  );
  return file;
}

async function setStatus(status: FleetStatus): Promise<void> {
  const patch = JSON.stringify({ status });
  const name = ['kraitefleet', 'kraite', '--namespace', namespace];
  const how = ['--subresource=status', '--type=merge', '-p', patch];
  const { status: code, stderr } = await cluster.kubectl(['patch', ...name, ...how]);
  if (code !== 0) throw new Error(stderr);
}

const EOS = {
  name: 'eos',
  role: 'trading',
  node: 'node-3',
  isReady: true,
  version: '0.1.0',
  egress: { expected: '203.0.113.13', observed: '203.0.113.13' },
  lanes: [{ name: 'orders', desired: 8, ready: 8, busy: 2 }],
} as const;

test('a cluster without the operator says to install it', async () => {
  const { status, stderr } = await kraite(inNamespace('status'));
  expect([status, stderr]).toEqual([1, expect.stringContaining('knows no kraitefleets: install')]);
});

describe('with the operator’s kinds', () => {
  beforeAll(async () => {
    for (const file of await readdir(CRDS)) {
      await cluster.apply(await readFile(join(CRDS, file), 'utf8'));
    }
  });

  test('a namespace without a fleet says how to get one', async () => {
    await eventually(
      async () => {
        const { status, stderr } = await kraite(inNamespace('status'));
        expect([status, stderr]).toEqual([1, expect.stringContaining('there is no KraiteFleet')]);
      },
      { limitMs: 20_000, everyMs: 200 },
    );
  });

  test('apply names every mistake and gives nothing to the API server', async () => {
    const file = await writeFleet(SAMPLE);
    const { status, stderr } = await kraite(inNamespace('apply', '-f', file));
    expect(status).toBe(1);
    expect(stderr).toContain('spec.exchange.endpoints.rest: is empty; in a cluster');
    expect((await cluster.kubectl(['get', 'kraitefleets', '-A'])).stderr).toContain('No resources');
  });

  test('apply gives a good object to the API server, and again when it changed', async () => {
    const first = await kraite(inNamespace('apply', '-f', await writeFleet(READY), '-o', 'json'));
    expect(JSON.parse(first.stdout)).toMatchObject({ fleet: 'kraite', namespace, generation: 1 });
    const changed = await writeFleet(READY.replace('orders: 8', 'orders: 12'));
    const second = await kraite(inNamespace('apply', '-f', changed));
    expect(second.stdout).toContain('is generation 2; ');
    const again = await kraite(inNamespace('apply', '-f', changed, '-o', 'json'));
    expect(JSON.parse(again.stdout)).toMatchObject({ generation: 2 });
  });

  test('an object that no operator has seen is said to be unseen', async () => {
    const { status, stdout } = await kraite(inNamespace('status'));
    expect(status).toBe(0);
    expect(stdout).toContain('no operator has looked at it yet');
  });

  test('status, boxes and lanes are what the operator reported', async () => {
    await setStatus({ observedGeneration: 2, phase: 'Ready', version: '0.1.0', boxes: [EOS] });
    const status = await kraite(inNamespace('status'));
    expect(status.stdout).toContain(`kraite in namespace ${namespace} (context `);
    expect(status.stdout).toContain('1 of 1 ready');
    const boxes = await kraite(inNamespace('boxes', '-o', 'json'));
    expect(JSON.parse(boxes.stdout)).toMatchObject([{ name: 'eos', node: 'node-3', busy: 2 }]);
    const lanes = await kraite(inNamespace('lanes', '-o', 'json'));
    expect(JSON.parse(lanes.stdout)).toEqual([
      { box: 'eos', lane: 'orders', slots: 8, ready: 8, busy: 2 },
    ]);
  });

  test('kubectl kraite means the cluster without being told', async () => {
    const { stdout } = await kraite(['boxes', '-n', namespace], { isPlugin: true });
    expect(stdout).toMatch(/^eos +trading +ready/m);
    const rows = await kraite(['positions'], { isPlugin: true });
    expect([rows.status, rows.stderr]).toEqual([1, expect.stringContaining('the admin site')]);
  });

  test('a watch prints again when the operator reports something new, until Ctrl-C', async () => {
    const child = spawn(KRAITE, inNamespace('boxes', '-w'), {
      env: environmentOf({}),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await eventually(() => expect(said).toContain('203.0.113.13'), { limitMs: 20_000 });
    const boxes = [{ ...EOS, isReady: false, reason: 'BoxDraining' }];
    await setStatus({ observedGeneration: 2, phase: 'Updating', boxes });
    await eventually(() => expect(said).toContain('BoxDraining'), { limitMs: 20_000 });
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  test('of several fleets one must be named', async () => {
    await kraite(inNamespace('apply', '-f', await writeFleet(READY, 'second')));
    const { status, stderr } = await kraite(inNamespace('status'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('name one of kraite, second')]);
    const named = await kraite(inNamespace('status', '--fleet', 'second'));
    expect(named.stdout).toContain('second in namespace');
    const missing = await kraite(inNamespace('status', '--fleet', 'third'));
    expect(missing.stderr).toContain('has no fleet third; it has kraite, second');
  });

  test('whoever may not read it is told what was refused and whom to ask', async () => {
    const token = await cluster.makeToken({ namespace, name: 'stranger' });
    const kubeconfig = await cluster.writeKubeconfig(token);
    const { status, stderr } = await kraite(inNamespace('status'), { kubeconfig });
    expect(status).toBe(1);
    expect(stderr).toContain('cannot list resource "kraitefleets"');
    expect(stderr).toContain('whoever runs the cluster');
  });
});

test('no kubeconfig, and a context that it does not have, are said', async () => {
  const none = await kraite(inNamespace('status'), { kubeconfig: join(folder, 'none') });
  expect([none.status, none.stderr]).toEqual([1, expect.stringMatching(/kubeconfig/)]);
  // An empty KUBECONFIG counts as none, and this home has no ~/.kube/config.
  const nothing = await kraite(inNamespace('status'), { kubeconfig: '' });
  expect([nothing.status, nothing.stderr]).toEqual([
    1,
    expect.stringContaining('no cluster is named: set KUBECONFIG'),
  ]);
  const context = await kraite(inNamespace('status', '--context', 'elsewhere'));
  expect(context.stderr).toContain('has no context elsewhere');
});

test('an API server that is away is named, with what to try', async () => {
  await plane.stopApiServer();
  const { status, stderr } = await kraite(inNamespace('status'));
  expect(status).toBe(1);
  expect(stderr).toContain(`(${plane.url}) does not answer`);
  expect(stderr).toContain('kubectl cluster-info');
});
