import { describe, expect, it } from 'vitest';

import { ANNOTATIONS, LABELS, TAINTS, type FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { FleetWorld } from '../../../tests/harness/fleet-world.ts';
import type { Operation, OperationsPlan } from './operations.ts';

function ready(): FleetWorld {
  const world = new FleetWorld();
  world.becomeReady();
  return world;
}

const written = ({ operations }: OperationsPlan): readonly string[] =>
  operations.map((each) => `${each.kind} ${nameOf(each)}`);

function nameOf(operation: Operation): string {
  const { kind, name } =
    'ref' in operation
      ? operation.ref
      : { kind: operation.object.kind, name: operation.object.metadata.name };
  return `${kind}/${name}`;
}

const conditionOf = ({ status }: OperationsPlan, type: string) =>
  status.conditions?.find((each) => each.type === type);

describe('planOperations', () => {
  it('brings an empty cluster to Ready and then writes nothing', () => {
    const world = ready();
    expect(world.fleet.status?.phase).toBe('Ready');
    expect(world.fleet.status?.summary).toMatchObject({
      brain: '5/5',
      workers: '21/21',
      egress: '6/6',
    });
    expect(world.fleet.status?.version).toBe('0.1.0');
    world.clock.advance(3_600_000);
    world.settle();
    expect(written(world.plan())).toEqual([]);
  });

  it('puts back whatever a stranger changed, and nothing else', () => {
    const world = ready();
    const deployment = world.objects.get('Deployment/kraite-eos-orders');
    world.objects.set('Deployment/kraite-eos-orders', {
      ...(deployment as KubeObject),
      spec: { ...(deployment?.['spec'] as object), replicas: 0 },
    });
    world.objects.delete('PodDisruptionBudget/kraite-nyx-orders');
    expect(written(world.plan())).toEqual([
      'apply Deployment/kraite-eos-orders',
      'apply PodDisruptionBudget/kraite-nyx-orders',
    ]);
  });

  it('writes nothing while the fleet is paused, and says so', () => {
    const world = ready();
    world.setSpec((spec) => {
      spec['paused'] = true;
      spec['version'] = '0.2.0';
    });
    world.objects.delete('Deployment/kraite-eos-orders');
    const plan = world.plan();
    expect(written(plan)).toEqual([]);
    expect(plan.status.phase).toBe('Paused');
    expect(conditionOf(plan, 'Paused')).toMatchObject({
      status: 'True',
      reason: 'ReconcilePaused',
    });
  });

  it('stops by annotation as it does by the object', () => {
    const world = ready();
    world.annotate({ [ANNOTATIONS.reconcile]: 'disabled' });
    world.setVersion('0.2.0');
    const plan = world.plan();
    expect(written(plan)).toEqual([]);
    expect(conditionOf(plan, 'Paused')?.message).toContain('annotation');
  });

  it('changes nothing that it does not see freshly', () => {
    const world = ready();
    world.setVersion('0.2.0');
    world.staleKinds = ['Deployment'];
    const plan = world.plan();
    expect(written(plan)).toEqual([]);
    expect(conditionOf(plan, 'Reconciling')).toMatchObject({
      status: 'True',
      reason: 'CacheStale',
    });
    expect(plan.status.boxes).toEqual(world.fleet.status?.boxes);
  });

  it('pins nodes by labels that a kubelet cannot write, and taints them by role', () => {
    const world = ready();
    const node = world.nodes.get('eos');
    expect(node?.metadata.labels).toMatchObject({
      [LABELS.nodeBox]: 'eos',
      [LABELS.nodeRole]: 'trading',
    });
    expect(world.taintsOf('eos')).toEqual([
      { key: TAINTS.role, value: 'trading', effect: 'NoSchedule' },
    ]);
    // Cluster DNS bears none of our taints and must start somewhere.
    for (const box of ['athena', 'tyche']) expect(world.taintsOf(box)).toEqual([]);
  });

  it('takes no second node for a box that has one', () => {
    const world = ready();
    world.addNode('hyperion', 'intruder');
    const plan = world.step();
    expect(world.nodes.get('intruder')?.metadata.labels?.[LABELS.nodeBox]).toBeUndefined();
    expect(conditionOf(plan, 'TopologyValid')).toMatchObject({
      status: 'False',
      reason: 'NodeClaimedTwice',
    });
  });

  it('leaves a box to the older of two fleets', () => {
    const world = ready();
    const other = (creationTimestamp: string): FleetObject => ({
      ...world.fleet,
      metadata: { ...world.fleet.metadata, name: 'other', uid: 'other', creationTimestamp },
    });
    world.otherFleets = [other('2026-01-02T00:00:00Z')];
    expect(conditionOf(world.plan(), 'TopologyValid')?.status).toBe('True');
    world.otherFleets = [other('2025-01-02T00:00:00Z')];
    world.objects.delete('Deployment/kraite-eos-orders');
    const plan = world.plan();
    expect(written(plan)).toEqual([]);
    expect(conditionOf(plan, 'TopologyValid')).toMatchObject({
      status: 'False',
      reason: 'BoxTaken',
    });
    expect(conditionOf(plan, 'Stalled')?.status).toBe('True');
  });

  it('closes the gates of a box whose address is not proved any more', () => {
    const world = ready();
    world.unproved.add('eos');
    world.settle();
    world.step();
    const plan = world.step();
    expect(world.taintsOf('eos')).toContainEqual(
      expect.objectContaining({ key: TAINTS.egressUnverified }),
    );
    expect(JSON.stringify(world.podOf('eos-orders')?.['status'])).toContain('"False"');
    expect(conditionOf(plan, 'EgressVerified')?.reason).toBe('EgressUnverified');
    expect(plan.status.boxes?.find(({ name }) => name === 'eos')?.reason).toBe('EgressUnverified');
  });
});

describe('slots', () => {
  it('change the file of the worker and its pod’s annotation, and replace no pod', () => {
    const world = ready();
    const uid = world.podOf('eos-orders')?.metadata.uid;
    world.scalePool('eos-orders', 12);
    expect(written(world.plan())).toEqual([
      'apply ConfigMap/kraite-eos-orders',
      expect.stringMatching(/^patch Pod\/kraite-eos-orders-/),
    ]);
    world.becomeReady();
    expect(world.fileOf('eos-orders')).toEqual({
      generation: 2,
      lanes: { orders: 12 },
      isDraining: false,
    });
    expect(world.podOf('eos-orders')?.metadata).toMatchObject({
      uid,
      annotations: { [ANNOTATIONS.workloadGeneration]: '2' },
    });
    expect(world.objects.get('KraiteWorkerPool/eos-orders')?.['status']).toMatchObject({
      slots: 12,
    });
  });

  it('that a person scaled stay until the fleet’s number changes', () => {
    const world = ready();
    world.scalePool('eos-orders', 12);
    world.becomeReady();
    world.setLane('iris', 'orders', 9);
    world.becomeReady();
    expect(world.fileOf('eos-orders')).toMatchObject({ lanes: { orders: 12 } });
    world.setLane('eos', 'orders', 6);
    world.becomeReady();
    expect(world.fileOf('eos-orders')).toMatchObject({ lanes: { orders: 6 } });
  });

  it('that the fleet owns are put back', () => {
    const world = ready();
    world.setUpdate({ slotsOwner: 'fleet' });
    world.becomeReady();
    world.scalePool('eos-orders', 12);
    world.becomeReady();
    expect(world.fileOf('eos-orders')).toMatchObject({ lanes: { orders: 8 } });
    expect(world.objects.get('KraiteWorkerPool/eos-orders')?.['spec']).toMatchObject({ slots: 8 });
  });

  it('of the last worker of a lane stay when somebody scales all of them to nothing', () => {
    const world = ready();
    for (const box of ['eos', 'iris', 'nyx', 'hemera']) world.scalePool(`${box}-orders`, 0);
    world.run(({ operations }) => operations.length === 0);
    const slots = ['eos', 'iris', 'nyx', 'hemera'].map(
      (box) => world.fileOf(`${box}-orders`)?.lanes['orders'],
    );
    expect(slots).toEqual([8, 0, 0, 0]);
    expect(JSON.stringify(world.objects.get('KraiteWorkerPool/eos-orders')?.['status'])).toContain(
      'LastConsumer',
    );
  });
});

describe('a box that the object does not name any more', () => {
  it('drains before its workers, its rules and its labels go', () => {
    const world = ready();
    world.busy.set('hemera-orders', 1);
    world.setSpec((spec) => {
      const trading = spec['trading'] as { boxes: { name: string }[] };
      trading.boxes = trading.boxes.filter(({ name }) => name !== 'hemera');
    });
    world.step();
    world.step();
    expect(world.fileOf('hemera-orders')).toMatchObject({ isDraining: true });
    expect(world.podOf('hemera-orders')).toBeDefined();
    expect(world.egresses.get('hemera')?.spec.isReleased).toBeUndefined();
    world.busy.clear();
    world.becomeReady();
    expect(world.podOf('hemera-orders')).toBeUndefined();
    expect(world.egresses.has('hemera')).toBe(false);
    expect(world.nodes.get('hemera')?.metadata.labels?.[LABELS.nodeBox]).toBeUndefined();
    expect([...world.objects.keys()].filter((key) => key.includes('hemera'))).toEqual([]);
  });
});

describe('deleting the fleet', () => {
  const deleted = (world: FleetWorld): void => {
    const { metadata } = world.fleet;
    world.fleet = {
      ...world.fleet,
      metadata: { ...metadata, deletionTimestamp: new Date(world.clock.nowMs()).toISOString() },
    };
  };
  const secret = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'kraite', uid: name, labels: { [LABELS.fleet]: 'kraite' } },
  });

  it('drains, ends the pods, takes the rules off, then lets go; the data stays', () => {
    const world = ready();
    world.objects.set('Secret/kraite-core', secret('kraite-core'));
    world.busy.set('eos-orders', 1);
    deleted(world);
    for (let count = 0; count < 5; count += 1) world.step();
    expect(world.fleet.status?.phase).toBe('Deleting');
    expect(world.fileOf('iris-orders')).toMatchObject({ isDraining: true });
    // What is drained stays so while another box still works.
    world.step();
    expect(world.fileOf('iris-orders')).toMatchObject({ isDraining: true });
    expect(world.pods.size).toBeGreaterThan(20);
    expect(world.egresses.get('eos')?.spec.isReleased).toBeUndefined();
    world.busy.clear();
    world.run(() => (world.fleet.metadata.finalizers ?? []).length === 0);
    expect(world.pods.size).toBe(0);
    expect(world.egresses.size).toBe(0);
    expect(world.nodes.get('eos')?.metadata.labels?.[LABELS.nodeBox]).toBeUndefined();
    expect(world.objects.has('Secret/kraite-core')).toBe(true);
  });

  it('deletes the data too when the object says its own name', () => {
    const world = ready();
    world.objects.set('Secret/kraite-core', secret('kraite-core'));
    world.annotate({ [ANNOTATIONS.deleteData]: 'kraite' });
    deleted(world);
    world.run(() => (world.fleet.metadata.finalizers ?? []).length === 0);
    expect(world.objects.has('Secret/kraite-core')).toBe(false);
  });
});
