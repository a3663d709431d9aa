import { describe, expect, test } from 'vitest';

import { DEFAULT_ACCOUNT_SETTINGS } from '#pkg/domain';
import { findSettingsMistakes } from './settings.ts';

const good = DEFAULT_ACCOUNT_SETTINGS;

describe('account settings', () => {
  test('the defaults are in range, and so is a book without a ladder', () => {
    expect(findSettingsMistakes(good)).toEqual([]);
    expect(findSettingsMistakes({ ...good, multipliers: [] })).toEqual([]);
    expect(findSettingsMistakes({ ...good, slots: { long: 0, short: 0 } })).toEqual([]);
  });

  test.each([
    [{ slots: { long: 1.5, short: 6 } }, 'slots.long: 1.5 is not a whole number from 0 to 50'],
    [{ slots: { long: -1, short: 6 } }, 'slots.long: -1 is not a whole number from 0 to 50'],
    [{ slots: { long: 6 } }, 'slots.short: nothing is not a whole number from 0 to 50'],
    [{ slots: 6 }, 'slots: must be an object with long and short'],
    [{ slots: { long: 1, short: 1, both: 1 } }, 'slots.both: is neither long nor short'],
    [
      { marginPercent: { long: 0, short: 5 } },
      'marginPercent.long: 0 is not a number above 0 and at most 100',
    ],
    [
      { marginPercent: { long: '5', short: 5 } },
      'marginPercent.long: "5" is not a number above 0 and at most 100',
    ],
    [
      { leverageMax: { long: 20, short: 126 } },
      'leverageMax.short: 126 is not a whole number from 1 to 125',
    ],
    [
      { gapPercent: { long: Number.NaN, short: 9.5 } },
      'gapPercent.long: null is not a number above 0 and at most 90',
    ],
    [
      { risk: { stopLossPercentMax: 101 } },
      'risk.stopLossPercentMax: 101 is not a number above 0 and at most 100',
    ],
    [
      { risk: { lossMax: 1 } },
      'risk.lossMax: is no limit; the limits are sideNotionalPercentMax, notionalPercentMax, marginRatioPercentMax, stopLossPercentMax, ordersPerSecondMax',
    ],
    [{ multipliers: [2, 0] }, 'multipliers[1]: 0 is not a number above 0 and at most 10'],
    [{ multipliers: 4 }, 'multipliers: must be a list of numbers, one for each rung'],
    [
      { multipliers: Array.from({ length: 11 }, () => 2) },
      'multipliers: has 11 rungs, and at most 10 are allowed',
    ],
    [{ profitPercent: -0.36 }, 'profitPercent: -0.36 is not a number above 0 and at most 100'],
    [{ stopPercent: 91 }, 'stopPercent: 91 is not a number above 0 and at most 90'],
    [
      { gapPercent: { long: 25, short: 9.5 } },
      'gapPercent.long: 4 rungs of 25 % reach 100 % below the entry, where there is no price; the product must stay below 100',
    ],
  ])('%j is refused', (changes, sentence) => {
    expect(findSettingsMistakes({ ...good, ...changes })).toEqual([sentence]);
  });

  test('every mistake is named at once, unknown settings too', () => {
    expect(
      findSettingsMistakes({ ...good, slot: 3, profitPercent: 0, stopPercent: 'far' }),
    ).toHaveLength(3);
    expect(findSettingsMistakes(undefined)).toEqual(['settings: must be an object']);
  });
});
