import fc from 'fast-check';
import { expect, it } from 'vitest';

import { LANES } from '#pkg/domain';
import { LABELS } from '#operator/api';
import { FleetWorld } from '../../harness/fleet-world.ts';
import { templateHashOf } from '../../../operator/reconcilers/fleet/kube-fields.ts';
import type { OperationsPlan } from '#operator/reconcilers';

const BOXES = ['eos', 'iris', 'nyx', 'hemera'] as const;
const TRADING_LANES = ['positions', 'orders', 'priority'] as const;

// The first boxes of the roll are where most happens.
const box = fc.constantFrom(...BOXES, 'eos', 'eos', 'iris');
const lane = fc.constantFrom(...TRADING_LANES);

/** What people and accidents do to a fleet. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('version' as const), minor: fc.integer({ min: 2, max: 4 }) }),
  fc.record({
    kind: fc.constant('scale' as const),
    box,
    lane,
    slots: fc.integer({ min: 0, max: 20 }),
  }),
  fc.record({
    kind: fc.constant('busy' as const),
    box,
    lane,
    count: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ kind: fc.constant('node' as const), box, isReady: fc.boolean() }),
  fc.record({ kind: fc.constant('cordon' as const), box, isCordoned: fc.boolean() }),
  fc.record({ kind: fc.constant('proof' as const), box, isProved: fc.boolean() }),
  fc.record({ kind: fc.constant('pause' as const), isPaused: fc.boolean() }),
  fc.record({ kind: fc.constant('stale' as const), isStale: fc.boolean() }),
  fc.record({ kind: fc.constant('drift' as const), box, lane }),
  fc.record({ kind: fc.constant('wait' as const), passes: fc.integer({ min: 5, max: 15 }) }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

it('whatever happens, no running step is cut off, no lane is left alone, and in the end all is as the object says', () => {
  fc.assert(
    fc.property(fc.array(happening, { minLength: 1, maxLength: 12 }), (happenings) => {
      const world = new FleetWorld();
      world.becomeReady();
      for (const each of happenings) {
        happen(world, each);
        for (let pass = 0; pass < (each.kind === 'wait' ? each.passes : 2); pass += 1) {
          checkedStep(world);
        }
      }
      calmDown(world);
      world.run(({ status, operations }) => {
        return status.phase === 'Ready' && operations.length === 0;
      }, 400);
    }),
    { numRuns: 10, endOnFailure: true },
  );
});

function happen(world: FleetWorld, each: Happening): void {
  switch (each.kind) {
    case 'version':
      return world.setVersion(`0.${each.minor}.0`);
    case 'scale':
      return world.scalePool(`${each.box}-${each.lane}`, each.slots);
    case 'busy':
      world.busy.set(`${each.box}-${each.lane}`, each.count);
      return;
    case 'node':
      return world.setNodeReady(each.box, each.isReady);
    case 'cordon':
      return world.cordon(each.box, each.isCordoned);
    case 'proof':
      if (each.isProved) world.unproved.delete(each.box);
      else world.unproved.add(each.box);
      return;
    case 'pause':
      return world.setSpec((spec) => {
        spec['paused'] = each.isPaused;
      });
    case 'stale':
      world.staleKinds = each.isStale ? ['Pod'] : [];
      return;
    case 'drift':
      world.objects.delete(`ConfigMap/kraite-${each.box}-${each.lane}`);
      return;
    case 'wait':
      return;
  }
}

function checkedStep(world: FleetWorld): void {
  const before = consumers(world);
  const plan = world.plan();
  if (world.fleet.spec.paused || world.staleKinds.length > 0) expect(plan.operations).toEqual([]);
  checkReplacements(world, plan);
  world.step();
  for (const [name, boxes] of consumers(world)) {
    // Nodes that are away, and addresses that are not proved, are nothing that the operator did.
    if ((before.get(name)?.length ?? 0) > 0) expect([name, boxes.length]).not.toEqual([name, 0]);
  }
  world.clock.advance(Math.max(plan.checkAgainAfterMs, 6_000));
}

/** A new template is written only where nothing runs that would be cut off. */
function checkReplacements(world: FleetWorld, { operations }: OperationsPlan): void {
  for (const operation of operations) {
    if (operation.kind !== 'apply' || operation.object.kind !== 'Deployment') continue;
    const { name } = operation.object.metadata;
    const live = world.objects.get(`Deployment/${name}`);
    if (live === undefined || templateHashOf(live) === templateHashOf(operation.object)) continue;
    expect([name, world.busy.get(name.replace('kraite-', '')) ?? 0]).toEqual([name, 0]);
  }
}

/** Boxes that are told to take steps, by lane: those of which the operator decides. */
function consumers(world: FleetWorld): ReadonlyMap<string, readonly string[]> {
  const told = [...world.objects.values()].flatMap((object) => {
    if (object.kind !== 'ConfigMap' || object.metadata.labels?.[LABELS.lane] === undefined)
      return [];
    const data = object['data'] as Readonly<Record<string, string>>;
    const file = JSON.parse(data['workload.json'] ?? '{}') as {
      isDraining?: boolean;
      lanes?: Record<string, number>;
    };
    return LANES.filter((name) => file.isDraining === false && (file.lanes?.[name] ?? 0) > 0).map(
      (name) => ({ name, box: object.metadata.labels?.[LABELS.box] ?? '' }),
    );
  });
  return new Map(
    TRADING_LANES.map((name) => [
      name,
      told.filter((each) => each.name === name).map((each) => each.box),
    ]),
  );
}

function calmDown(world: FleetWorld): void {
  world.busy.clear();
  world.unproved.clear();
  world.staleKinds = [];
  for (const name of BOXES) {
    world.setNodeReady(name, true);
    world.cordon(name, false);
  }
  world.setSpec((spec) => {
    spec['paused'] = false;
  });
}
