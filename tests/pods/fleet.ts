/** The sample fleet as a cluster would hold it, on real servers and a simulated venue of its own process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll } from 'vitest';

import { ensureAccount } from '#pkg/accounts';
import {
  createIdMaker,
  createSystemClock,
  createSystemRandom,
  required,
  type Clock,
} from '#pkg/base';
import type { EgressProof } from '#pkg/egress';
import type { SimulatedVenueUrls } from '#pkg/exchange/simulated';
import { parseFleet, type Workload } from '#pkg/fleet-spec';
import { createSilentLogger } from '#pkg/observability';
import { openMysqlStore, type Store } from '#pkg/store';
import { EGRESS_TIMES, PATHS, SECRET_KEYS, type FleetObject } from '#operator/api';
import {
  buildFleetObjects,
  buildWorkloadConfig,
  createFleetContext,
  fleetNames,
  makeCredentials,
  type FleetContext,
  type FleetObjects,
  type WorkloadOrders,
} from '#operator/resources';
import type { KubeObject } from '#operator/runtime';
import { useTestMariadb, useTestRedis } from '../harness/index.ts';
import { SAMPLE } from '../harness/sample-fleet.ts';
import {
  createKubelet,
  readData,
  type Kubelet,
  type Pod,
  type PodTemplate,
  type StartOptions,
} from './kubelet/index.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const VENUE_KEY = 'pods-key';
const VENUE_SECRET = 'pods-secret';
const CREDENTIALS = makeCredentials((size) => new Uint8Array(size).fill(0xc0));
export const ADMIN_PASSWORD = CREDENTIALS.adminPassword;

export interface PodFleet {
  readonly context: FleetContext;
  /** The manifests of the fleet. */
  readonly built: FleetObjects;
  readonly kubelet: Kubelet;
  readonly store: Store;
  readonly clock: Clock;
  workload(name: string): Workload;
  /** Folder of the box that its node agent writes and the pod of `workload` reads. */
  egressFolder(workload: Workload): string;
  start(workload: Workload, options?: StartOptions): Promise<Pod>;
  /** Gives a worker other orders, as the operator does. */
  order(workload: Workload, orders: Omit<WorkloadOrders, 'slots'> & { slots?: number }): void;
  /** Registers the simulated account, as `kraite accounts add` does. */
  registerAccount(): Promise<void>;
}

export interface PodFleetOptions {
  /** Changes the object before anything is built from it. */
  readonly change?: (spec: FleetObject['spec']) => FleetObject['spec'];
  /** More objects of the namespace, for example Secrets that the object names. */
  readonly objects?: readonly KubeObject[];
}

/** Gives this test file a migrated fleet whose pods it may start; everything ends with the file. */
export function usePodFleet(options: PodFleetOptions = {}): PodFleet {
  const mariadb = useTestMariadb();
  const redis = useTestRedis();
  const clock = createSystemClock();
  let venue: ChildProcess | undefined;
  let made:
    | { context: FleetContext; built: FleetObjects; kubelet: Kubelet; store: Store }
    | undefined;
  const world = () => required(made, 'the fleet is made before all tests');

  beforeAll(async () => {
    const started = await startVenue();
    venue = started.child;
    const fleet = fleetObject(started.urls, options.change);
    const context = createFleetContext(fleet, {
      systemNamespace: 'kraite-system',
      monitoringNamespace: 'monitoring',
    });
    const built = buildFleetObjects(context, CREDENTIALS);
    const secrets = buildSecrets(fleet, built, {
      [SECRET_KEYS.mysqlUrl]: mariadb.url,
      [SECRET_KEYS.redisUrl]: redis.url,
    });
    const kubelet = createKubelet([
      ...built.foundation,
      ...secrets,
      ...buildOrders(context),
      ...(options.objects ?? []),
    ]);
    await migrate(kubelet, built);
    const store = await openMysqlStore({ url: mariadb.url, clock, logger: createSilentLogger() });
    made = { context, built, kubelet, store };
  });
  afterAll(async () => {
    await made?.kubelet[Symbol.asyncDispose]();
    await made?.store[Symbol.asyncDispose]();
    venue?.kill();
  });
  const templateOf = (workload: Workload): PodTemplate => {
    const found = world().built.workloads.find((each) => each.workload.name === workload.name);
    return podTemplateOf(required(found, `there is a Deployment of ${workload.name}`).object);
  };
  const egressFolder = (workload: Workload): string => {
    const { volumes = [] } = templateOf(workload).spec;
    const claim = volumes.find(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined);
    const { claimName } = required(claim?.persistentVolumeClaim, `${workload.name} has a claim`);
    return world().kubelet.claimFolder(claimName);
  };
  return {
    clock,
    egressFolder,
    get context() {
      return world().context;
    },
    get built() {
      return world().built;
    },
    get kubelet() {
      return world().kubelet;
    },
    get store() {
      return world().store;
    },
    workload: (name) =>
      required(
        world().context.plan.workloads.find((each) => each.name === name),
        `the plan has a workload ${name}`,
      ),
    start: (workload, start) => {
      const { kubelet } = world();
      if (workload.egressAddress !== undefined) {
        const { box, egressAddress: egressIP } = workload;
        writeEgress(egressFolder(workload), { box, egressIP });
      }
      return kubelet.start(templateOf(workload), start);
    },
    order: (workload, { slots = workload.slots ?? 0, ...orders }) => {
      const { context, kubelet } = world();
      kubelet.update(buildWorkloadConfig(context, workload, { slots, ...orders }));
    },
    registerAccount: async () => {
      const { store } = world();
      await ensureAccount(
        {
          accounts: store.accounts,
          key: Buffer.from(CREDENTIALS.accountKey, 'hex') as never,
          clock,
          makeId: createIdMaker(clock, createSystemRandom()),
        },
        { name: 'simulated', apiKey: VENUE_KEY, apiSecret: VENUE_SECRET },
      );
    },
  };
}

/** Returns the pod template of a Deployment, a StatefulSet or a Job. */
export function podTemplateOf(object: KubeObject): PodTemplate {
  const { spec } = object as unknown as { readonly spec: { readonly template: PodTemplate } };
  return spec.template;
}

/** Says what the node agent of the box says; the address is proved just now unless `proof` says otherwise. */
export function writeEgress(folder: string, proof: Partial<EgressProof>): void {
  const nowMs = Date.now();
  const whole = {
    observedIP: proof.egressIP,
    verifiedAt: new Date(nowMs).toISOString(),
    validUntil: new Date(nowMs + EGRESS_TIMES.validMs).toISOString(),
    protectUntil: new Date(nowMs + EGRESS_TIMES.protectMs).toISOString(),
    ...proof,
  };
  const file = join(folder, basename(PATHS.egressFile));
  writeFileSync(`${file}.new`, JSON.stringify(whole));
  renameSync(`${file}.new`, file);
}

function fleetObject(
  urls: SimulatedVenueUrls,
  change: PodFleetOptions['change'] = (spec) => spec,
): FleetObject {
  const parsed = parseFleet(SAMPLE, { file: 'fleet.yaml' });
  if (parsed.kind === 'invalid') throw new Error('the sample fleet is valid');
  const { rest, publicStream, marketStream, privateStream, taapi = '' } = urls;
  const { spec, metadata, ...head } = parsed.fleet;
  return {
    ...head,
    metadata: { ...metadata, uid: '7d1a4c8e-0000-4000-8000-000000000001' },
    spec: change({
      ...spec,
      exchange: {
        ...spec.exchange,
        endpoints: { rest, publicStream, marketStream, privateStream },
      },
      indicators: {
        ...spec.indicators,
        provider: { ...spec.indicators.provider, endpoint: taapi },
      },
    }),
  };
}

/**
 * Returns the Secrets of the fleet with the URLs of the test's servers, which stand for the fleet's own Services.
 *
 * Throws when a URL does not lead to a Service of the fleet: nothing else would notice here.
 */
function buildSecrets(
  fleet: FleetObject,
  { secrets, foundation }: FleetObjects,
  urls: Readonly<Record<string, string>>,
): readonly KubeObject[] {
  const core = fleetNames(fleet).coreSecret;
  const given = required(
    readData(secrets, { kind: 'Secret', name: core }),
    'there is a core Secret',
  );
  for (const key of Object.keys(urls)) {
    const { hostname, port } = new URL(required(given[key], `the core Secret has ${key}`));
    const [service = ''] = hostname.split('.');
    const found = foundation.find(
      (each) => each.kind === 'Service' && each.metadata.name === service,
    );
    const { ports = [] } = (found?.['spec'] ?? {}) as {
      readonly ports?: readonly { readonly port: number }[];
    };
    if (!ports.some((each) => String(each.port) === port)) {
      throw new Error(`${key}: no Service ${hostname} has a port ${port}`);
    }
  }
  return [
    ...secrets.filter(({ metadata }) => metadata.name !== core),
    secretOf(core, { ...given, ...urls }),
    secretOf(fleetNames(fleet).indicatorsSecret, { [SECRET_KEYS.indicatorsSecret]: 'simulated' }),
  ];
}

/** Returns a Secret as the API server stores it. */
export function secretOf(name: string, values: Readonly<Record<string, string>>): KubeObject {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'kraite' }, data };
}

function buildOrders(context: FleetContext): readonly KubeObject[] {
  return context.plan.workloads
    .filter(({ kind }) => kind === 'worker')
    .map((workload) =>
      buildWorkloadConfig(context, workload, {
        slots: workload.slots ?? 0,
        isDraining: false,
        generation: 1,
      }),
    );
}

async function startVenue(): Promise<{ child: ChildProcess; urls: SimulatedVenueUrls }> {
  const flags = ['--listen', '127.0.0.1:0', '--taapi-listen', '127.0.0.1:0', '-o', 'json'];
  const account = ['--account', `${VENUE_KEY}:${VENUE_SECRET}:10000`];
  const main = join(REPOSITORY, 'cmd/exchange-sim/main.ts');
  const child = spawn(process.execPath, [main, ...flags, ...account], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, urls: JSON.parse(line) as SimulatedVenueUrls };
}

/** Runs the pod of the migration Job to its end. */
async function migrate(kubelet: Kubelet, { migration }: FleetObjects): Promise<void> {
  const pod = await kubelet.start(podTemplateOf(migration));
  const end = await pod.exited;
  if (end.code !== 0) throw new Error(`migrate ended with ${end.code}: ${pod.log()}`);
}
