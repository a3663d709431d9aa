import { describe, expect, test } from 'vitest';

import { DEFAULT_ACCOUNT_SETTINGS as DEFAULTS } from '#pkg/domain';
import { assignSettings, describeSettingChanges } from './assign-settings.ts';
import { findSettingsMistakes } from './settings.ts';

describe('assignments', () => {
  test.for<[string, object]>([
    ['slots.long=4', { slots: { long: 4, short: 6 } }],
    ['slots=3', { slots: { long: 3, short: 3 } }],
    ['leverageMax.short=10', { leverageMax: { long: 20, short: 10 } }],
    ['profitPercent=0.5', { profitPercent: 0.5 }],
    ['multipliers=2,1.5', { multipliers: [2, 1.5] }],
    ['rungs=2', { multipliers: [2, 2] }],
    ['rungs=5', { multipliers: [2, 2, 2, 2, 2] }],
    ['risk.stopLossPercentMax=40', { risk: { stopLossPercentMax: 40 } }],
    ['allowOtherOrders=false', { allowOtherOrders: false }],
  ])('%s', ([assignment, expected]) => {
    const settings = assignSettings(DEFAULTS, [assignment]);
    expect(settings).toEqual({ ...DEFAULTS, ...expected });
    expect(findSettingsMistakes(settings)).toEqual([]);
    expect(describeSettingChanges(DEFAULTS, settings).length).toBeGreaterThan(0);
  });

  test('a limit of risk is taken back by the word default', () => {
    const limited = assignSettings(DEFAULTS, ['risk.stopLossPercentMax=40', 'rungs=3']);
    const free = assignSettings(limited, ['risk.stopLossPercentMax=default']);
    expect(free.risk).toEqual({});
    expect(describeSettingChanges(limited, free)).toEqual([
      { path: 'risk.stopLossPercentMax', from: '40', to: 'default' },
    ]);
  });

  test.for<[string, RegExp]>([
    ['slot.long=4', /slot\.long: is no setting \(did you mean slots\.long\?\)/u],
    ['slots.long', /write NAME=VALUE/u],
    ['slots.long=four', /four is not a number/u],
    ['rungs=99', /from 0 to 10/u],
    ['multipliers=2,x', /x is not a number; write one for each rung/u],
    ['allowOtherOrders=yes', /neither true nor false/u],
    ['version=7', /is no setting/u],
  ])('%s is refused with what to write', ([assignment, words]) => {
    expect(() => assignSettings(DEFAULTS, [assignment])).toThrow(words);
  });

  test('every mistake is told at once', () => {
    expect(() => assignSettings(DEFAULTS, ['a=1', 'slots.long=x'])).toThrow(
      /a: is no setting[\s\S]*x is not/u,
    );
  });
});
