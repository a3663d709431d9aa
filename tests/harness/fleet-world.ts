import { createManualClock, type ManualClock } from '#pkg/base';
import { parseWorkloadFile, type WorkloadFile } from '#pkg/config';
import type { ProcessFacts } from '#pkg/observability';
import { API_VERSION, LABELS, type FleetObject, type NodeEgressObject } from '#operator/api';
import {
  buildDesired,
  planOperations,
  type Desired,
  type Observed,
  type Operation,
  type OperationsPlan,
} from '#operator/reconcilers';
import { createFleetContext, makeCredentials } from '#operator/resources';
import type { KubeObject } from '#operator/runtime';
import { agentStatus } from './agent-status.ts';
import { mergeInto } from './merge-into.ts';
import { fleetOf, SAMPLE } from './sample-fleet.ts';

type Loose = Record<string, unknown>;

const RUNS_PODS = ['Deployment', 'StatefulSet'];
const DONE = { conditions: [{ type: 'Complete', status: 'True' }] };

/** A pass a second would be true to life and slow. */
const PASS_MS = 6_000;

/** 02:00 UTC: hours away from funding. */
const START_MS = Date.UTC(2026, 0, 1, 2);

/**
 * A cluster in memory that plays what Kubernetes, the node agents and the processes do between two passes.
 *
 * It is as simple as the facts that the planner reads: a Deployment has one pod, which is ready once its node is, its
 * address is proved and it does not drain; a worker is drained when it drains and holds nothing.
 */
export class FleetWorld {
  readonly clock: ManualClock = createManualClock(START_MS);
  fleet: FleetObject;
  otherFleets: FleetObject[] = [];
  staleKinds: string[] = [];
  readonly objects = new Map<string, KubeObject>();
  readonly pods = new Map<string, KubeObject>();
  readonly nodes = new Map<string, KubeObject>();
  readonly egresses = new Map<string, NodeEgressObject>();
  /** Steps that run, by name of the workload. */
  readonly busy = new Map<string, number>();
  /** Workloads whose new pods never become ready. */
  readonly failing = new Set<string>();
  /** Boxes whose address is not seen outside. */
  readonly unproved = new Set<string>();
  writes = 0;
  #uid = 0;
  #built: { readonly spec: FleetObject['spec']; readonly desired: Desired } | undefined;

  constructor(text: string = SAMPLE) {
    const { spec } = fleetOf(text);
    this.fleet = {
      apiVersion: API_VERSION,
      kind: 'KraiteFleet',
      metadata: {
        name: 'kraite',
        namespace: 'kraite',
        uid: 'fleet-uid',
        generation: 1,
        resourceVersion: '1',
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      spec,
    };
    for (const { name } of spec.network.boxes) this.addNode(name);
  }

  addNode(box: string, name: string = box): void {
    this.nodes.set(name, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, uid: this.#nextUid(), resourceVersion: '1', labels: { [LABELS.box]: box } },
      spec: { podCIDR: `10.42.${this.nodes.size}.0/24` },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }

  setNodeReady(name: string, isReady: boolean): void {
    this.#change(this.nodes, name, (node) => {
      node['status'] = { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'Unknown' }] };
    });
  }

  cordon(name: string, isCordoned: boolean): void {
    this.#change(this.nodes, name, (node) => {
      node['spec'] = { ...(node['spec'] as Loose), unschedulable: isCordoned };
    });
  }

  /** Changes the spec as `kubectl apply` would. */
  setSpec(change: (spec: Loose) => void): void {
    const fleet = structuredClone(this.fleet) as unknown as Loose & { metadata: Loose };
    change(fleet['spec'] as Loose);
    fleet.metadata['generation'] = (this.fleet.metadata.generation ?? 0) + 1;
    this.fleet = fleet as unknown as FleetObject;
  }

  annotate(annotations: Readonly<Record<string, string>>): void {
    this.fleet = { ...this.fleet, metadata: { ...this.fleet.metadata, annotations } };
  }

  scalePool(name: string, slots: number): void {
    this.#change(this.objects, `KraiteWorkerPool/${name}`, (pool) => {
      pool['spec'] = { ...(pool['spec'] as Loose), slots };
    });
  }

  /** What the worker of a lane is told. */
  fileOf(workload: string): WorkloadFile | undefined {
    return fileIn(this.objects.get(`ConfigMap/kraite-${workload}`));
  }

  podOf(workload: string): KubeObject | undefined {
    return [...this.pods.values()].find((pod) =>
      pod.metadata.name.startsWith(`kraite-${workload}-`),
    );
  }

  taintsOf(node: string): readonly { readonly key: string }[] {
    const spec = this.nodes.get(node)?.['spec'] as
      | { taints?: readonly { key: string }[] }
      | undefined;
    return spec?.taints ?? [];
  }

  /** Changes spec.update as `kubectl apply` would. */
  setUpdate(update: Readonly<Record<string, unknown>>): void {
    this.setSpec((spec) => {
      spec['update'] = { ...(spec['update'] as object), ...update };
    });
  }

  setVersion(version: string): void {
    this.setSpec((spec) => {
      spec['version'] = version;
    });
  }

  setLane(box: string, lane: string, slots: number): void {
    this.setSpec((spec) => {
      const trading = spec['trading'] as { boxes: { name: string; lanes: Loose }[] };
      const found = trading.boxes.find(({ name }) => name === box);
      if (found !== undefined) found.lanes[lane] = slots;
    });
  }

  observe(): Observed {
    return {
      nowMs: this.clock.nowMs(),
      fleet: this.fleet,
      staleKinds: this.staleKinds,
      otherFleets: this.otherFleets,
      objects: [...this.objects.values()],
      pods: [...this.pods.values()],
      nodes: [...this.nodes.values()],
      nodeEgresses: [...this.egresses.values()],
      facts: this.#facts(),
    };
  }

  plan(): OperationsPlan {
    return planOperations(this.#desired(), this.observe(), {
      clusterCIDR: '10.42.0.0/16',
      echoEndpoints: ['http://198.51.100.7/'],
    });
  }

  #desired(): Desired {
    const { spec } = this.fleet;
    if (this.#built?.spec !== spec) {
      const namespaces = { systemNamespace: 'kraite-system', monitoringNamespace: 'monitoring' };
      this.#built = {
        spec,
        desired: buildDesired(
          createFleetContext(this.fleet, namespaces),
          makeCredentials((size) => new Uint8Array(size)),
        ),
      };
    }
    return this.#built.desired;
  }

  /** One pass of the operator, then what the cluster does about it. */
  step(): OperationsPlan {
    const plan = this.plan();
    for (const operation of plan.operations) this.perform(operation);
    this.fleet = { ...this.fleet, status: plan.status };
    for (const { name, status } of plan.poolStatuses) {
      this.#change(this.objects, `KraiteWorkerPool/${name}`, (pool) => {
        pool['status'] = status;
      });
    }
    this.settle();
    return plan;
  }

  /** Steps, with time going on, until `isDone` or the limit; returns the last plan. */
  run(isDone: (plan: OperationsPlan) => boolean, stepsMax = 600): OperationsPlan {
    for (let count = 0; count < stepsMax; count += 1) {
      const plan = this.step();
      if (isDone(plan)) return plan;
      this.clock.advance(Math.max(plan.checkAgainAfterMs, PASS_MS));
    }
    const { phase, message, plan: entries } = this.fleet.status ?? {};
    throw new Error(
      `not done after ${stepsMax} passes: ${JSON.stringify({ phase, message, entries })}`,
    );
  }

  becomeReady(): void {
    this.run(({ status, operations }) => status.phase === 'Ready' && operations.length === 0);
  }

  perform(operation: Operation): void {
    this.writes += 1;
    switch (operation.kind) {
      case 'apply':
      case 'create':
        return this.#merge(operation.object);
      case 'delete':
        this.#collectionOf(operation.ref.kind).delete(this.#keyOf(operation.ref));
        return;
      case 'patch':
        return this.#merge(
          { ...operation.ref, ...operation.patch } as unknown as KubeObject,
          operation.ref,
        );
    }
  }

  /** What controllers, kubelets and node agents do with what stands there now. */
  settle(): void {
    for (const [key, object] of this.objects) {
      if (RUNS_PODS.includes(object.kind)) this.#runDeployment(object);
      if (object.kind === 'Job') this.objects.set(key, { ...object, status: DONE });
    }
    for (const [name, pod] of this.pods) {
      const owner = name.slice(0, name.lastIndexOf('-'));
      if (!RUNS_PODS.some((kind) => this.objects.has(`${kind}/${owner}`))) this.pods.delete(name);
      else this.#runPod(name, pod);
    }
    for (const [name, egress] of this.egresses) this.#runAgent(name, egress);
  }

  #runDeployment(deployment: KubeObject): void {
    const { template } = deployment['spec'] as {
      template: { metadata: KubeObject['metadata']; spec: Loose };
    };
    const hash = template.metadata.annotations?.['fleet.kraite.io/template-hash'] ?? '';
    const { name } = deployment.metadata;
    for (const pod of [...this.pods.keys()]) {
      if (pod.startsWith(`${name}-`) && pod !== `${name}-${hash}`) this.pods.delete(pod);
    }
    if (this.pods.has(`${name}-${hash}`)) return;
    this.pods.set(`${name}-${hash}`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template.metadata,
        name: `${name}-${hash}`,
        namespace: 'kraite',
        uid: this.#nextUid(),
      },
      spec: { ...template.spec, nodeName: template.metadata.labels?.[LABELS.box] ?? '' },
      status: { conditions: [] },
    });
  }

  #runPod(name: string, pod: KubeObject): void {
    const box = pod.metadata.labels?.[LABELS.box] ?? '';
    const isDraining = this.#ordersOf(pod)?.isDraining === true;
    const { conditions } = pod['status'] as { conditions: { type: string; status: string }[] };
    const { readinessGates = [] } = pod['spec'] as { readinessGates?: unknown[] };
    const isGateOpen =
      readinessGates.length === 0 ||
      conditions.some(({ type, status }) => type.includes('egress') && status === 'True');
    const isUp =
      this.nodes.get(box)?.['status'] !== undefined && !this.failing.has(workloadOf(pod));
    const isReady = isUp && isGateOpen && !isDraining;
    const before = conditions.find(({ type }) => type === 'Ready');
    const others = conditions.filter(({ type }) => type !== 'Ready');
    const status = isReady ? 'True' : 'False';
    const changed = {
      type: 'Ready',
      status,
      lastTransitionTime: new Date(this.clock.nowMs()).toISOString(),
    };
    this.pods.set(name, {
      ...pod,
      status: {
        phase: 'Running',
        conditions: [...others, before?.status === status ? before : changed],
        containerStatuses: [
          this.failing.has(workloadOf(pod))
            ? { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } }
            : { restartCount: 0, state: { running: {} } },
        ],
      },
    });
  }

  #runAgent(name: string, egress: NodeEgressObject): void {
    const isProved = !this.unproved.has(egress.spec.box);
    const status = agentStatus(egress, { isProved, nowMs: this.clock.nowMs() });
    this.egresses.set(name, { ...egress, status });
  }

  #facts(): ReadonlyMap<string, ProcessFacts> {
    const facts = new Map<string, ProcessFacts>();
    for (const [name, pod] of this.pods) {
      const box = pod.metadata.labels?.[LABELS.box] ?? '';
      const orders = this.#ordersOf(pod);
      const node = this.nodes.get(box);
      const isAway = JSON.stringify(node?.['status'] ?? '').includes('Unknown');
      if (orders === undefined || isAway || this.failing.has(workloadOf(pod))) continue;
      const lane = pod.metadata.labels?.[LABELS.lane] ?? '';
      const busy = this.busy.get(workloadOf(pod)) ?? 0;
      facts.set(name, {
        process: workloadOf(pod),
        box,
        version: this.fleet.spec.version,
        isReady: !orders.isDraining,
        isDraining: orders.isDraining,
        isDrained: orders.isDraining && busy === 0,
        generation: orders.generation,
        lanes: [{ name: lane, slots: orders.lanes[lane] ?? 0, busy }],
        backlog: [],
        reasons: [],
      });
    }
    return facts;
  }

  #ordersOf(pod: KubeObject) {
    return this.fileOf(workloadOf(pod));
  }

  #merge(object: KubeObject, ref = object.metadata): void {
    const key = this.#keyOf({ kind: object.kind, name: ref.name });
    const collection = this.#collectionOf(object.kind);
    if (object.kind === 'KraiteFleet') {
      this.fleet = mergeInto(this.fleet, object) as FleetObject;
      return;
    }
    const live = collection.get(key);
    const merged = mergeInto(live ?? { metadata: { uid: this.#nextUid(), generation: 1 } }, object);
    const { namespace: _namespace, name: _name, ...rest } = merged as Loose;
    collection.set(key, rest as unknown as KubeObject);
  }

  #collectionOf(kind: string): Map<string, KubeObject> {
    if (kind === 'Pod') return this.pods;
    if (kind === 'Node') return this.nodes;
    if (kind === 'KraiteNodeEgress') return this.egresses;
    return this.objects;
  }

  #keyOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
    return ['Pod', 'Node', 'KraiteNodeEgress'].includes(kind) ? name : `${kind}/${name}`;
  }

  #change(collection: Map<string, KubeObject>, key: string, change: (object: Loose) => void): void {
    const found = collection.get(key);
    if (found === undefined) throw new Error(`there is no ${key}`);
    const copy = structuredClone(found) as unknown as Loose;
    change(copy);
    collection.set(key, copy as unknown as KubeObject);
  }

  #nextUid(): string {
    this.#uid += 1;
    return `uid-${this.#uid}`;
  }
}

function fileIn(config: KubeObject | undefined): WorkloadFile | undefined {
  const data = config?.['data'] as Readonly<Record<string, string>> | undefined;
  return parseWorkloadFile(data?.['workload.json'] ?? '');
}

function workloadOf(pod: KubeObject): string {
  const labels = pod.metadata.labels ?? {};
  return `${labels[LABELS.box]}-${labels[LABELS.lane] ?? labels[LABELS.workload]}`;
}
