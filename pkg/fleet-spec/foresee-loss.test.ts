import { describe, expect, it } from 'vitest';

import { id, type BoxName } from '#pkg/domain';
import { fleetOf, SAMPLE } from '../../tests/harness/sample-fleet.ts';
import { foreseeLoss, type LossForecast } from './foresee-loss.ts';
import type { FleetSpec } from './schema.ts';

const { spec: sample } = fleetOf(SAMPLE);

function lose(names: string, spec: FleetSpec = sample): LossForecast {
  return foreseeLoss(spec, { lost: names.split(' ').map((name) => id<BoxName>(name)) });
}

const laneOf = ({ lanes }: LossForecast, name: string) => {
  const lane = lanes.find((each) => each.lane === name);
  return `${lane?.outcome} ${lane?.capacityRatio} ${lane?.reason ?? ''}`.trimEnd();
};
const heldOf = ({ effects }: LossForecast): readonly string[] =>
  effects
    .filter(({ isHeld }) => isHeld)
    .map(({ what, reason }) => `${what} ${reason ?? ''}`.trimEnd());

describe('foreseeLoss', () => {
  it.each([
    ['eos', 0.75, 3],
    ['eos iris', 0.5, 2],
    ['nyx iris hemera', 0.25, 1],
  ])('with %s away the trading lanes are slower and nothing is held', (names, ratio, left) => {
    const forecast = lose(names);
    expect(laneOf(forecast, 'orders')).toBe(`slower ${ratio}`);
    expect(laneOf(forecast, 'indicators')).toBe('runs 1');
    expect(forecast.tradingAddresses).toEqual({ all: 4, left });
    expect(heldOf(forecast)).toEqual([]);
  });

  it('stalls the trading lanes with all four away; candidates go on', () => {
    const forecast = lose('eos iris nyx hemera');
    expect(laneOf(forecast, 'positions')).toBe('waits 0 LaneUnserved');
    expect(laneOf(forecast, 'cronjobs')).toBe('runs 1');
    expect(heldOf(forecast)).toEqual(['opening LaneUnserved', 'reactions LaneUnserved']);
  });

  it('finishes what is admitted, and begins nothing, without athena', () => {
    const forecast = lose('athena');
    expect(laneOf(forecast, 'orders')).toBe('finishes-admitted 1 DispatcherAway');
    expect(laneOf(forecast, 'user-data-stream')).toBe('waits 0 LaneUnserved');
    expect(heldOf(forecast)).toEqual([
      'admission DispatcherAway',
      'opening DispatcherAway',
      'reactions DispatcherAway',
      'fills StreamConnecting',
      'directions DispatcherAway',
      'sites',
    ]);
  });

  it('goes on without athena where a standby stands, the sites apart', () => {
    const forecast = lose('athena', { ...sample, brain: { ...sample.brain, standbyBox: 'tyche' } });
    expect(laneOf(forecast, 'orders')).toBe('runs 1');
    expect(laneOf(forecast, 'user-data-stream')).toBe('slower 0.5');
    expect(heldOf(forecast)).toEqual(['sites']);
  });

  it('concludes no directions without tyche, and says when opening ends', () => {
    const forecast = lose('tyche');
    expect(laneOf(forecast, 'indicators')).toBe('waits 0 LaneUnserved');
    expect(laneOf(forecast, 'priority')).toBe('runs 1');
    expect(heldOf(forecast)).toEqual(['directions LaneUnserved']);
    expect(forecast.effects.find(({ what }) => what === 'opening')?.says).toContain('ReadingStale');
  });

  it('halts every lane without hyperion, and never protection', () => {
    const forecast = lose('hyperion');
    expect(new Set(forecast.lanes.map(({ outcome }) => outcome))).toEqual(new Set(['halted']));
    expect(heldOf(forecast)).not.toContain('protection');
  });

  it('loses nothing with the box of the core when both servers stand elsewhere', () => {
    const existing = { secret: 'servers' };
    const { mysql, redis } = sample.core;
    const core = { ...sample.core, mysql: { ...mysql, existing }, redis: { ...redis, existing } };
    expect(heldOf(lose('hyperion', { ...sample, core }))).toEqual([]);
  });
});
