import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#pkg/base';
import type { KraiteFleet } from '#pkg/fleet-spec';
import { createDesk, type Desk } from './cluster/desk.ts';
import { readNodes } from './cluster/read-nodes.ts';
import { makeKeys } from './cluster/keys.ts';
import { archivesFolderOf, imagesFolderOf } from './images-folder.ts';
import { writeImageArchive } from './images/write-archive.ts';
import { LabError } from './lab-error.ts';
import { checkMachine } from './machine/check-machine.ts';
import { changeSettings } from './machine/kernel-settings.ts';
import { bringTools, labEnvironment } from './machine/tools.ts';
import { makeNetwork, machineSettingsOf } from './nodes/network.ts';
import {
  importImage,
  startContainerd,
  startControlPlane,
  startNodeDaemons,
  switchOn,
  type LabWorld,
} from './nodes/node-life.ts';
import { startOutside, writeProductFiles } from './outside.ts';
import { baseObjectsOf, COREDNS_IMAGE } from './plan/base-objects.ts';
import { planLab, type LabNode } from './plan/lab-plan.ts';
import { PAUSE_IMAGE } from './plan/node-daemons.ts';
import { paths } from './paths.ts';
import { findRecord, writeRecord } from './record.ts';
import type { Variables } from './shell.ts';

export interface LabOptions {
  readonly environment: Variables;
  readonly clock: Clock;
  /** Told what happens, a line at a time. */
  readonly report: (line: string) => void;
}

export interface UpOptions extends LabOptions {
  readonly fleet: KraiteFleet;
  /** The clone, of which the simulated exchange is run. */
  readonly root: string;
  /** Leaves every other box out. */
  readonly only?: readonly string[];
}

const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 300;

/** Brings the cluster of a fleet up on this machine, until every box is Ready. Throws {@link LabError}. */
export async function upLab(options: UpOptions): Promise<void> {
  const { clock, report } = options;
  const startedMs = clock.monotonicMs();
  const say = (line: string): void => {
    const seconds = ((clock.monotonicMs() - startedMs) / 1000).toFixed(1);
    report(`${seconds.padStart(6)} s  ${line}`);
  };
  if (findRecord() !== undefined) {
    throw new LabError(
      'LAB_UP',
      'a lab is up already; see it with kraite lab status, end it with kraite lab down',
    );
  }
  const cgroups = await checkMachine(options.environment);
  const plan = planLab(options.fleet, options.only === undefined ? {} : { only: options.only });
  await bringTools({ environment: options.environment, report });
  const environment = await labEnvironment(options.environment);
  const imagesFolder = imagesFolderOf(options.environment);
  const archives = await makeArchives(options.environment);
  say('programs and images are there');
  const [first] = plan.nodes;
  await writeRecord({
    fleet: options.fleet,
    only: options.only,
    changedSettings: await changeSettings(machineSettingsOf(first?.sysctl ?? '')),
    cuts: [],
    frozen: [],
    slow: {},
  });
  const world: LabWorld = { plan, cgroups, environment, imagesFolder };
  const desk = createDesk(environment);
  try {
    await makeNetwork(plan, environment);
    await startOutside(world, options.root);
    await writeProductFiles(options.fleet);
    await makeKeys(plan, clock.nowMs());
    await Promise.all(plan.nodes.map((node) => switchOn(world, node)));
    say(`network, and ${plan.nodes.length} boxes with power: ${namesOf(plan.nodes)}`);
    await Promise.all(plan.servers.map((node) => startControlPlane(world, node, true)));
    const images = Promise.all(plan.nodes.map((node) => bringImages(world, node, archives)));
    images.catch(() => undefined);
    await untilApiReady(desk, clock);
    say(`API ${plan.servers.length === 1 ? 'server' : 'servers'} ready: ${namesOf(plan.servers)}`);
    await desk.kubectl(['apply', '--filename=-'], JSON.stringify(baseObjectsOf(plan)));
    await images;
    say('containerd on every box, with its images');
    await Promise.all(plan.nodes.map((node) => startNodeDaemons(world, node)));
    await untilNodesReady(desk, plan.nodes, clock);
    say(`${plan.nodes.length} boxes Ready`);
    await desk.kubectl([
      '--namespace=kube-system',
      'rollout',
      'status',
      'deployment/coredns',
      '--timeout=90s',
    ]);
    say('CoreDNS ready');
  } catch (error) {
    report(
      'that failed; `kraite lab down` takes away what is there, and logs are below ' +
        paths.node(''),
    );
    throw error;
  }
}

interface Archive {
  readonly name: string;
  readonly archive: string;
  /** Boxes that get it. */
  readonly goesTo: 'every box' | 'servers';
}

async function makeArchives(environment: Variables): Promise<readonly Archive[]> {
  const folder = archivesFolderOf(environment);
  await mkdir(folder, { recursive: true });
  const archives: Archive[] = [];
  for (const [name, program, goesTo] of [
    [PAUSE_IMAGE, 'pause', 'every box'],
    [COREDNS_IMAGE, 'coredns', 'servers'],
  ] as const) {
    const archive = join(folder, `${name.replaceAll(/[^a-z0-9.]/g, '-')}.tar`);
    await writeImageArchive({ name, program, executable: join(paths.bin, program) }, archive);
    archives.push({ name, archive, goesTo });
  }
  return archives;
}

async function bringImages(
  world: LabWorld,
  node: LabNode,
  archives: readonly Archive[],
): Promise<void> {
  await startContainerd(world, node);
  for (const archive of archives) {
    if (archive.goesTo === 'servers' && !world.plan.servers.includes(node)) continue;
    await importImage(world, node, archive);
  }
}

async function untilApiReady(desk: Desk, clock: Clock): Promise<void> {
  const untilMs = clock.monotonicMs() + READY_TIMEOUT_MS;
  for (;;) {
    const { status, stderr } = await desk.tryKubectl(['get', '--raw', '/readyz']);
    if (status === 0) return;
    if (clock.monotonicMs() > untilMs) {
      throw new LabError('NOT_READY', `the API server does not get ready: ${stderr.trim()}`);
    }
    await clock.sleep(POLL_MS);
  }
}

async function untilNodesReady(desk: Desk, nodes: readonly LabNode[], clock: Clock): Promise<void> {
  const untilMs = clock.monotonicMs() + READY_TIMEOUT_MS;
  for (;;) {
    const seen = await readNodes(desk);
    const waiting = nodes.filter(({ name }) => seen?.get(name) !== 'Ready');
    if (waiting.length === 0) return;
    if (clock.monotonicMs() > untilMs) {
      const why = waiting.map(({ name }) => `${name}: ${seen?.get(name) ?? 'has not registered'}`);
      throw new LabError('NOT_READY', `boxes do not get Ready\n${why.join('\n')}`);
    }
    await clock.sleep(POLL_MS);
  }
}

function namesOf(nodes: readonly LabNode[]): string {
  return nodes.map(({ name }) => name).join(', ');
}
