import { describe, expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import { ExchangeAccountRefusedError, type SigningPurpose } from '#pkg/exchange';
import { StoreUnavailableError } from '#pkg/store';
import type { Arming } from './arming.ts';
import { createSigningGuard } from './signing-guard.ts';

const ACCOUNT = id<AccountId>('main');
const CREDENTIALS = { apiKey: 'key', apiSecret: 'secret' };
const PURPOSES: readonly SigningPurpose[] = ['check', 'look', 'protect', 'open'];

function createWorld(first: Arming | 'away') {
  const clock = createManualClock();
  const world = { clock, arming: first, reads: 0 };
  const guard = createSigningGuard({
    directory: { credentialsOf: async () => CREDENTIALS },
    readArming: async () => {
      world.reads += 1;
      if (world.arming === 'away') throw new StoreUnavailableError({});
      return world.arming;
    },
    clock,
  });
  const signs = async (purpose: SigningPurpose): Promise<boolean> => {
    try {
      await guard(ACCOUNT, purpose);
      return true;
    } catch (error) {
      expect(
        error instanceof ExchangeAccountRefusedError || error instanceof StoreUnavailableError,
      ).toBe(true);
      return false;
    }
  };
  return { world, clock, guard, signs };
}

describe('real money', () => {
  test.for<[Arming, readonly SigningPurpose[]]>([
    ['armed', PURPOSES],
    ['closing', ['check', 'look', 'protect']],
    ['none', ['check']],
  ])('an account that is %s has signed: %s', async ([arming, allowed]) => {
    const { signs } = createWorld(arming);
    const signed = [];
    for (const purpose of PURPOSES) if (await signs(purpose)) signed.push(purpose);
    expect(signed).toEqual(allowed);
  });

  test('the arming is read once in two seconds, and disarming holds after that', async () => {
    const { world, clock, signs } = createWorld('armed');
    for (let count = 0; count < 50; count += 1) await signs('open');
    expect(world.reads).toBe(1);
    world.arming = 'closing';
    clock.advance(1_999);
    expect(await signs('open')).toBe(true);
    clock.advance(1);
    expect(await signs('open')).toBe(false);
    expect(await signs('protect')).toBe(true);
    expect(world.reads).toBe(2);
  });

  test('while the database is away an arming opens for 120 s, then fails closed, and protects for an hour', async () => {
    const { world, clock, signs } = createWorld('armed');
    expect(await signs('open')).toBe(true);
    world.arming = 'away';
    clock.advance(119_999);
    expect(await signs('open')).toBe(true);
    clock.advance(1);
    expect(await signs('open')).toBe(false);
    expect(await signs('look')).toBe(false);
    expect(await signs('protect')).toBe(true);
    clock.advance(3_600_000 - 120_001);
    expect(await signs('protect')).toBe(true);
    clock.advance(1);
    expect(await signs('protect')).toBe(false);
  });

  test('a process that never read an arming signs nothing while the database is away', async () => {
    const { signs } = createWorld('away');
    expect(await signs('protect')).toBe(false);
  });

  test('a database that comes back with the account disarmed is believed at once', async () => {
    const { world, clock, signs } = createWorld('armed');
    await signs('open');
    world.arming = 'away';
    clock.advance(10_000);
    expect(await signs('open')).toBe(true);
    world.arming = 'none';
    clock.advance(2_000);
    expect(await signs('open')).toBe(false);
    expect(await signs('protect')).toBe(false);
  });
});

test('where no money is real nothing needs to be armed', async () => {
  const guard = createSigningGuard({
    directory: { credentialsOf: async () => CREDENTIALS },
    readArming: undefined,
    clock: createManualClock(),
  });
  expect(await guard(ACCOUNT, 'open')).toEqual(CREDENTIALS);
});
