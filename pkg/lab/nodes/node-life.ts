import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSystemClock } from '#pkg/base';
import { LabError } from '../lab-error.ts';
import { controlPlaneOf, API_PORT, BALANCER_PORT } from '../plan/control-plane.ts';
import type { LabNode, LabPlan } from '../plan/lab-plan.ts';
import {
  CNI_FILE,
  cniConfigOf,
  containerdOf,
  FLANNEL_LEASE,
  nodeDaemonsOf,
} from '../plan/node-daemons.ts';
import { netnsOf, paths } from '../paths.ts';
import { mustRun, run, type Variables } from '../shell.ts';
import { processesOf, removeGroups, setFrozen, type Cgroups } from './cgroups.ts';
import { bootNode, fileOfNode, findHolder, startInNode } from './enter.ts';
import { connectNode, disconnectNode, forgetNetwork } from './network.ts';

/** What everything about a box needs. */
export interface LabWorld {
  readonly plan: LabPlan;
  readonly cgroups: Cgroups;
  readonly environment: Variables;
  /** Below it, the images of each box. Outlives the lab. */
  readonly imagesFolder: string;
}

/** Connects and boots a box: nothing runs on it yet. */
export async function switchOn(world: LabWorld, node: LabNode): Promise<void> {
  const { plan, cgroups, environment } = world;
  await connectNode(plan, node, environment);
  const hosts = plan.nodes.map(({ name, privateIP }) => `${privateIP} ${name}\n`).join('');
  await bootNode(cgroups, node.name, `127.0.0.1 localhost\n${hosts}`, environment);
  const rules = ['nsenter', `--net=/run/netns/${netnsOf(node.name)}`, 'nft', '-f', '-'] as const;
  await mustRun(rules, { environment, input: node.firewall });
}

/** Starts etcd and what stands on it, on a box that is a server. */
export async function startControlPlane(
  world: LabWorld,
  node: LabNode,
  isNew: boolean,
): Promise<void> {
  for (const daemon of controlPlaneOf(world.plan, node, isNew)) {
    await startInNode(world.cgroups, node.name, daemon, world.environment);
  }
}

const PATIENCE_MS = 60_000;

/** Starts containerd and waits until it answers. */
export async function startContainerd(world: LabWorld, node: LabNode): Promise<void> {
  const root = join(world.imagesFolder, node.name);
  const { daemon, file } = containerdOf(node, root);
  await writeFile(file.path, file.text);
  await startInNode(world.cgroups, node.name, daemon, world.environment);
  await until(`containerd of ${node.name}`, async () => {
    const socket = fileOfNode(node.name, '/run/containerd/containerd.sock');
    if (!existsSync(socket)) return false;
    return (await ctr(world, node, ['version'])).status === 0;
  });
}

/** Brings an archive into a box's containerd, unless it has the image. */
export async function importImage(
  world: LabWorld,
  node: LabNode,
  image: { readonly name: string; readonly archive: string },
): Promise<void> {
  const names = (await ctr(world, node, ['images', 'list', '-q'])).stdout.split('\n');
  if (names.includes(image.name)) return;
  const { status, stderr } = await ctr(world, node, ['images', 'import', '--local', image.archive]);
  if (status === 0) return;
  throw new LabError('COMMAND_FAILED', `${node.name} cannot take ${image.name}: ${stderr.trim()}`);
}

export function ctr(
  { environment }: LabWorld,
  { name }: LabNode,
  args: readonly string[],
): ReturnType<typeof run> {
  const socket = fileOfNode(name, '/run/containerd/containerd.sock');
  return run(['ctr', '--address', socket, '--namespace', 'k8s.io', ...args], { environment });
}

/** Starts balancer, kubelet, kube-proxy and flannel, and gives pods a network as soon as there is one. */
export async function startNodeDaemons(world: LabWorld, node: LabNode): Promise<void> {
  const { plan, cgroups, environment } = world;
  const { daemons, files } = nodeDaemonsOf(plan, node);
  for (const { path, text } of files) await writeFile(path, text);
  const servers = plan.servers.map(({ privateIP }) => `${privateIP}:${API_PORT}`);
  const program = join(import.meta.dirname, '../cluster/balancer-process.ts');
  const balancer = [process.execPath, program, String(BALANCER_PORT), ...servers];
  await startInNode(cgroups, node.name, { name: 'balancer', command: balancer }, environment);
  for (const daemon of daemons) {
    const own = daemon.name === 'flannel' ? { NODE_NAME: node.name } : {};
    await startInNode(cgroups, node.name, daemon, { ...environment, ...own });
  }
  const lease = fileOfNode(node.name, FLANNEL_LEASE);
  await until(`flannel of ${node.name}`, async () => {
    const text = await readFile(lease, 'utf8').catch(() => '');
    if (!text.includes('FLANNEL_MTU=')) return false;
    await writeFile(fileOfNode(node.name, CNI_FILE), cniConfigOf(text));
    return true;
  });
}

/** A machine with more to do than it can takes its time to end what was killed. */
const KILL_ROUNDS = 600;

/** Takes the power of a box away: its lines first, so that peers see silence; then every process, then its network. */
export async function switchOff(world: Omit<LabWorld, 'plan'>, name: string): Promise<void> {
  const { cgroups, environment } = world;
  await disconnectNode(name, environment);
  await endProcesses(cgroups, name);
  await forgetNetwork(name, environment);
  await rm(paths.node(name) + '/holder.pid', { force: true });
}

/** Ends every process of a box or place, frozen or not. */
export async function endProcesses(cgroups: Cgroups, name: string): Promise<void> {
  const clock = createSystemClock();
  await setFrozen(cgroups, name, false).catch(() => undefined);
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    const pids = processesOf(cgroups, name);
    if (pids.length === 0) return removeGroups(cgroups, name);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    await clock.sleep(50);
  }
  throw new LabError('COMMAND_FAILED', `processes of ${name} do not end`);
}

export function isOn({ name }: LabNode): boolean {
  return findHolder(name) !== undefined;
}

const POLL_MS = 100;

/** Waits until `check` is true. Throws {@link LabError} NOT_READY after a minute. */
async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const clock = createSystemClock();
  const untilMs = clock.monotonicMs() + PATIENCE_MS;
  while (!(await check())) {
    if (clock.monotonicMs() > untilMs) {
      throw new LabError(
        'NOT_READY',
        `${what} does not answer; its log is below ${paths.node('')}`,
      );
    }
    await clock.sleep(POLL_MS);
  }
}
