import { describe, expect, it } from 'vitest';

import { id, type BoxName } from '#pkg/domain';
import { readGolden } from '../../tests/harness/golden.ts';
import { fleetOf, SAMPLE } from '../../tests/harness/sample-fleet.ts';
import { planFleet } from './plan-fleet.ts';

const { spec } = fleetOf(SAMPLE);

const boxes = (...names: string[]): BoxName[] => names.map((name) => id<BoxName>(name));

describe('planFleet', () => {
  it('turns the sample into the plan that the golden file holds', () => {
    const plan = planFleet(spec);
    const text = `${JSON.stringify(plan, null, 2)}\n`;
    expect(text).toBe(readGolden('tests/golden/plan-sample.json', text));
  });

  it('counts what is left with two trading boxes and the indicator box away', () => {
    const plan = planFleet(spec, { lost: boxes('eos', 'nyx', 'tyche') });
    const text = `${JSON.stringify(plan, null, 2)}\n`;
    expect(text).toBe(readGolden('tests/golden/plan-sample-lost.json', text));
    expect(plan.capacity.orders).toEqual({ slots: 32, slotsLeft: 16 });
    expect(plan.capacity.indicators).toEqual({ slots: 10, slotsLeft: 0 });
    expect(plan.boxes.filter((box) => box.isLost).map((box) => box.name)).toEqual([
      'eos',
      'nyx',
      'tyche',
    ]);
  });

  it('keeps the workloads of a lost box, because they are still wanted', () => {
    const whole = planFleet(spec);
    const without = planFleet(spec, { lost: boxes('athena') });
    expect(without.workloads).toEqual(whole.workloads);
  });

  it('numbers local addresses by the order core, brain, trading, indicators', () => {
    const plan = planFleet(spec);
    expect(plan.boxes.map((box) => `${box.name} ${box.bindAddress}`)).toEqual([
      'hyperion 127.0.1.1',
      'athena 127.0.2.1',
      'eos 127.0.3.1',
      'iris 127.0.4.1',
      'nyx 127.0.5.1',
      'hemera 127.0.6.1',
      'tyche 127.0.7.1',
    ]);
  });

  it('gives an address only to processes that call the venue or the provider', () => {
    const { workloads } = planFleet(spec);
    const without = workloads.filter((workload) => workload.egressAddress === undefined);
    expect(without.map((workload) => workload.name)).toEqual([
      'hyperion-mysql',
      'hyperion-redis',
      'athena-dispatcher',
      'athena-scheduler',
      'athena-web',
    ]);
  });

  it('runs a second set of singletons and their lane, but no second web, on the standby', () => {
    const plan = planFleet({ ...spec, brain: { ...spec.brain, standbyBox: 'tyche' } });
    const names = plan.workloads.filter((each) => each.box === 'tyche').map((each) => each.name);
    expect(names).toEqual([
      'tyche-indicators',
      'tyche-cronjobs',
      'tyche-own',
      'tyche-dispatcher',
      'tyche-scheduler',
      'tyche-market-stream',
      'tyche-user-stream',
      'tyche-user-data-stream',
    ]);
    expect(plan.capacity['user-data-stream']).toEqual({ slots: 10, slotsLeft: 10 });
  });

  it('starts no server where an existing one is named', () => {
    const mysql = { ...spec.core.mysql, existing: { secret: 'database' } };
    const plan = planFleet({ ...spec, core: { ...spec.core, mysql } });
    const names = plan.workloads.map((each) => each.name);
    expect(names).not.toContain('hyperion-mysql');
    expect(names).toContain('hyperion-redis');
  });
});
