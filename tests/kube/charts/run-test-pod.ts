import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '#pkg/base';
import { eventually } from '../../harness/eventually.ts';
import { run, type ToolResult } from '../harness/run.ts';
import { must, type ChartCluster } from './cluster.ts';

interface TestPod {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly status: { readonly phase: string };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly containers: readonly [
      {
        readonly command: readonly [string, ...string[]];
        readonly args: readonly string[];
        readonly env: readonly { readonly name: string; readonly value: string }[];
      },
    ];
  };
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Does what a kubelet would do with the pod of `helm test`: waits for it, runs its command here with its variables and its
 * service account's token, and writes how it ended. `places` are the variables that lead elsewhere outside a cluster.
 */
export async function runTestPod(
  cluster: ChartCluster,
  pod: PodName,
  places: Readonly<Record<string, string>>,
): Promise<ToolResult> {
  const { containers, serviceAccountName } = await findNewPod(cluster, pod);
  const [{ command, args, env }] = containers;
  const folder = await mkdtemp(join(tmpdir(), 'kraite-test-pod-'));
  try {
    const account = ['token', serviceAccountName ?? 'default', '--namespace', pod.namespace];
    await writeFile(join(folder, 'token'), await must(cluster.kubectl('create', ...account)));
    const result = await run([...command, ...args], {
      environment: {
        PATH: process.env['PATH'],
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
        TOKEN_FOLDER: folder,
        NODE_EXTRA_CA_CERTS: cluster.authorityFile,
        ...places,
      },
    });
    const status = { phase: result.status === 0 ? 'Succeeded' : 'Failed' };
    const patch = ['--type', 'merge', '--patch', JSON.stringify({ status })];
    const where = ['--namespace', pod.namespace, '--subresource', 'status'];
    await must(cluster.kubectl('patch', 'pod', pod.name, ...where, ...patch));
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findNewPod(cluster: ChartCluster, pod: PodName): Promise<TestPod['spec']> {
  let spec: TestPod['spec'] | undefined;
  const where = ['--namespace', pod.namespace, '--output', 'json'];
  await eventually(
    async () => {
      const text = await must(cluster.kubectl('get', 'pod', pod.name, ...where));
      const { metadata, status, ...found } = JSON.parse(text) as TestPod;
      // What an earlier test left is taken away first.
      const isNew = metadata.deletionTimestamp === undefined && status.phase !== 'Failed';
      if (!isNew) throw new Error(`${pod.name} is an old one`);
      spec = found.spec;
    },
    { limitMs: 30_000, everyMs: 100 },
  );
  return required(spec, 'it was found');
}
