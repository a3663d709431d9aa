import { describe, expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type AccountId, type Lane } from '#pkg/domain';
import { createMemoryStore } from '#pkg/store';
import { describeHold, endHold, findHold, listHolds, setHold, type Hold } from './index.ts';

const ANN: AccountId = id('ann');
const FLEET: Hold = {
  scope: { kind: 'fleet' },
  source: 'person',
  owner: 'joe',
  reason: 'FleetPaused',
  why: 'new keys',
  sinceMs: 10,
};
const LANE: Hold = { ...FLEET, scope: { kind: 'lane', lane: 'orders' }, reason: 'LanePaused' };
const ACCOUNT: Hold = {
  ...FLEET,
  scope: { kind: 'account', accountId: ANN },
  reason: 'AccountPaused',
};
const lanes = (...names: Lane[]): ReadonlySet<Lane> => new Set(names);

describe('rows', () => {
  test('a hold stands until its end, or until it is ended', async () => {
    const { settings } = createMemoryStore({ clock: createManualClock() });
    expect(await listHolds(settings, 11)).toEqual([]);
    await setHold(settings, { ...FLEET, untilMs: 20 }, 10);
    expect(await listHolds(settings, 19)).toEqual([{ ...FLEET, untilMs: 20 }]);
    expect(await listHolds(settings, 20)).toEqual([]);
    await setHold(settings, FLEET, 30);
    expect(await listHolds(settings, 1e15)).toEqual([FLEET]);
    await endHold(settings, FLEET, 40);
    expect(await listHolds(settings, 41)).toEqual([]);
  });

  test('holds of several scopes and sources stand beside each other, and each ends alone', async () => {
    const { settings } = createMemoryStore({ clock: createManualClock() });
    const halt: Hold = { ...FLEET, source: 'drift', owner: 'drift', sinceMs: 5 };
    for (const hold of [FLEET, LANE, ACCOUNT, halt]) await setHold(settings, hold, 10);
    expect(await listHolds(settings, 11)).toHaveLength(4);
    await endHold(settings, FLEET, 12);
    expect((await listHolds(settings, 13))[0]).toEqual(halt);
    expect(await listHolds(settings, 13)).toHaveLength(3);
  });
});

describe('which hold applies', () => {
  test('the widest, whatever was set first', () => {
    const work = { accountId: ANN, lanes: lanes('orders') };
    expect(findHold([LANE, ACCOUNT, FLEET], work)).toBe(FLEET);
    expect(findHold([LANE, ACCOUNT], work)).toBe(ACCOUNT);
    expect(findHold([LANE], work)).toBe(LANE);
  });

  test('none for other accounts and other lanes', () => {
    expect(findHold([ACCOUNT], { accountId: id('bob'), lanes: lanes('orders') })).toBeUndefined();
    expect(findHold([ACCOUNT, LANE], { lanes: lanes('positions') })).toBeUndefined();
  });
});

test('a line says what, who, since, until and why', () => {
  expect(describeHold({ ...ACCOUNT, untilMs: 60_000 }, () => 'main')).toBe(
    'account main, by joe since 1970-01-01T00:00:00.010Z, until 1970-01-01T00:01:00.000Z: new keys',
  );
});
