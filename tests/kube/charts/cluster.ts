import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { required } from '#pkg/base';
import { eventually } from '../../harness/eventually.ts';
import {
  openCluster,
  startControlPlane,
  type Cluster,
  type ControlPlane,
} from '../harness/index.ts';
import { readServer } from '../harness/kubeconfig.ts';
import type { ToolResult } from '../harness/run.ts';

const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'athena' } };

/** A cluster of one file: its charts make what only one of a cluster can be. */
export interface ChartCluster {
  readonly url: string;
  /** Certificate that a pod would trust. */
  readonly authorityFile: string;
  helm(...args: readonly string[]): Promise<ToolResult>;
  kubectl(...args: readonly string[]): Promise<ToolResult>;
}

/** Starts controllers, a scheduler and one simulated node for this file. Use the cluster inside tests and hooks. */
export function useChartCluster(): ChartCluster {
  let plane: ControlPlane | undefined;
  let cluster: Cluster | undefined;
  let folder = '';
  beforeAll(async () => {
    plane = await startControlPlane();
    await plane.startControllerManager();
    await plane.startScheduler();
    await plane.startKwok();
    cluster = await openCluster(plane.kubeconfig);
    await cluster.apply([NODE]);
    const { authority } = await readServer(plane.kubeconfig);
    folder = await mkdtemp(join(tmpdir(), 'kraite-authority-'));
    await writeFile(join(folder, 'ca.crt'), authority);
  });
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await plane?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const started = (): Cluster => required(cluster, 'the cluster is started before all tests');
  return {
    get url() {
      return started().url;
    },
    get authorityFile() {
      return join(folder, 'ca.crt');
    },
    helm: (...args) => started().helm(args),
    kubectl: (...args) => started().kubectl(args),
  };
}

/** Returns what a tool printed; throws what it said when it failed. */
export async function must(result: Promise<ToolResult>): Promise<string> {
  const { status, stdout, stderr } = await result;
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
  return stdout;
}

/** Repeats a command until it succeeds, and returns what it printed. */
export async function untilSucceeds(command: () => Promise<ToolResult>): Promise<string> {
  let printed = '';
  await eventually(
    async () => {
      printed = await must(command());
    },
    { limitMs: 30_000, everyMs: 100 },
  );
  return printed;
}
