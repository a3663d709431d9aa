import { describe, expect, it } from 'vitest';

import { ANNOTATIONS } from '#operator/api';
import { FleetWorld } from '../../../tests/harness/fleet-world.ts';
import type { OperationsPlan } from './operations.ts';

function ready(): FleetWorld {
  const world = new FleetWorld();
  world.becomeReady();
  return world;
}

const conditionOf = ({ status }: OperationsPlan, type: string) =>
  status.conditions?.find((each) => each.type === type);

describe('an update', () => {
  it('goes box by box, trading boxes first, and each runs a while before the next', () => {
    const world = ready();
    world.setVersion('0.2.0');
    const order: string[] = [];
    world.run((plan) => {
      const draining = plan.status.boxes?.filter(({ reason }) => reason === 'BoxDraining') ?? [];
      expect(draining.length).toBeLessThanOrEqual(1);
      for (const { name } of draining) if (order.at(-1) !== name) order.push(name);
      return plan.status.phase === 'Ready' && plan.operations.length === 0;
    });
    expect(order).toEqual(['eos', 'iris', 'nyx', 'hemera', 'tyche', 'athena']);
    expect(world.fleet.status?.version).toBe('0.2.0');
    expect(world.fleet.status?.lastGoodGeneration).toBe(2);
  });

  it('replaces no pod of a worker that still runs something', () => {
    const world = ready();
    const uid = world.podOf('eos-orders')?.metadata.uid;
    world.busy.set('eos-orders', 1);
    world.setVersion('0.2.0');
    world.run(({ status }) => status.plan?.[0]?.reason === 'DrainRunning');
    for (let count = 0; count < 30; count += 1) {
      world.step();
      world.clock.advance(6_000);
    }
    expect(world.podOf('eos-orders')?.metadata.uid).toBe(uid);
    expect(world.fileOf('eos-orders')).toMatchObject({ isDraining: true });
    expect(world.fileOf('iris-orders')).toMatchObject({ isDraining: false });
    world.busy.clear();
    world.becomeReady();
    expect(world.podOf('eos-orders')?.metadata.uid).not.toBe(uid);
    expect(world.fileOf('eos-orders')).toMatchObject({ isDraining: false });
  });

  it('stops at a drain that takes too long, says so, and goes on when the gate is passed', () => {
    const world = ready();
    world.busy.set('eos-orders', 1);
    world.setUpdate({ drainTimeout: '2m' });
    world.setVersion('0.2.0');
    const plan = world.run(({ status }) => status.phase === 'Stalled');
    expect(conditionOf(plan, 'Stalled')).toMatchObject({ status: 'True', reason: 'DrainOverdue' });
    expect(conditionOf(plan, 'Stalled')?.message).toContain('skip-gate');
    expect(world.fileOf('iris-orders')).toMatchObject({ isDraining: false });
    const untilMs = world.clock.nowMs() + 3_600_000;
    world.annotate({ [ANNOTATIONS.skipGate]: `drain=${new Date(untilMs).toISOString()}` });
    world.becomeReady();
    expect(world.fleet.status?.version).toBe('0.2.0');
  });

  it('stops at the first box whose new pods fail, and the other boxes keep the old ones', () => {
    const world = ready();
    world.failing.add('eos-orders');
    world.setVersion('0.2.0');
    const plan = world.run(({ status }) => status.phase === 'Stalled');
    expect(conditionOf(plan, 'Stalled')).toMatchObject({ reason: 'PodsFailing' });
    expect(conditionOf(plan, 'Stalled')?.message).toContain('kraite rollback');
    world.clock.advance(3_600_000);
    world.settle();
    expect(world.plan().operations).toEqual([]);
    expect(world.podOf('iris-orders')?.metadata.labels?.['app.kubernetes.io/version']).toBe(
      '0.1.0',
    );
    // Going back to the spec that was good brings everything back.
    const kept = world.objects.get('ConfigMap/kraite-last-good')?.['data'] as Record<
      string,
      string
    >;
    world.failing.clear();
    world.setSpec((spec) => {
      Object.assign(spec, JSON.parse(kept['spec.json'] ?? ''));
    });
    world.becomeReady();
    expect(world.fleet.status?.version).toBe('0.1.0');
  });

  it('waits at a box whose new address is not proved', () => {
    const world = ready();
    world.unproved.add('eos');
    world.setVersion('0.2.0');
    world.run(({ status }) => status.plan?.[0]?.reason === 'EgressUnverified');
    for (let count = 0; count < 30; count += 1) {
      world.step();
      world.clock.advance(6_000);
    }
    expect(world.fileOf('iris-orders')).toMatchObject({ isDraining: false });
  });

  it('begins no box near funding or outside its windows', () => {
    const world = ready();
    world.clock.advance(5.8 * 3_600_000); // 07:48
    world.settle();
    world.setVersion('0.2.0');
    expect(world.step().status.plan?.[0]).toMatchObject({ reason: 'MigrationRunning' });
    expect(world.step().status.plan?.[0]).toMatchObject({ reason: 'FundingNear' });
    world.setUpdate({ windows: [{ days: [], from: '12:00', lasts: '1h' }] });
    expect(world.step().status.plan?.[0]).toMatchObject({ reason: 'WindowClosed' });
    world.clock.advance(4.15 * 3_600_000); // 11:57
    expect(world.step().status.plan?.[0]).toMatchObject({ reason: 'WindowClosed' });
    world.run(
      ({ status }) => status.boxes?.some(({ reason }) => reason === 'BoxDraining') === true,
    );
    expect(new Date(world.clock.nowMs()).toISOString()).toMatch(/T12:0/);
  });

  it('empties a box whose node is cordoned, and fills it again after', () => {
    const world = ready();
    world.cordon('nyx', true);
    world.run(
      ({ status }) =>
        status.conditions?.some((each) => each.type === 'Drained' && each.status === 'True') ===
        true,
    );
    world.step();
    expect(world.objects.get('PodDisruptionBudget/kraite-nyx-orders')?.['spec']).toMatchObject({
      maxUnavailable: 1,
    });
    expect(world.objects.get('PodDisruptionBudget/kraite-eos-orders')?.['spec']).toMatchObject({
      maxUnavailable: 0,
    });
    world.cordon('nyx', false);
    world.becomeReady();
    expect(world.fileOf('nyx-orders')).toMatchObject({ isDraining: false });
  });

  it('waits for boxes that are away, however many, and goes on with the rest of the work', () => {
    const world = ready();
    for (const box of ['eos', 'iris', 'nyx', 'hemera']) world.setNodeReady(box, false);
    world.setVersion('0.2.0');
    world.setLane('eos', 'orders', 6);
    const plan = world.step();
    expect(plan.status.plan?.[0]).toMatchObject({ reason: 'NodeAway' });
    expect(world.fileOf('eos-orders')).toMatchObject({ lanes: { orders: 6 }, isDraining: false });
  });
});
