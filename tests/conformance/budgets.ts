/**
 * The contract of `WindowBudget` and `LeasedBudget`, as tests. Every case uses the ports alone, so that the memory
 * adapter may stand in for Redis only as far as this suite proves it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { BudgetKey, BudgetPriority, LeasedBudget, WindowBudget } from '#pkg/budgets';

export interface BudgetsUnderTest {
  /** A window budget with default options: a tenth is protective, the clock guard is 100 ms. */
  readonly windows: WindowBudget;
  readonly leases: LeasedBudget;
  /** Lets the time pass by which leases run. */
  pass(durationMs: number): Promise<void>;
  readonly propertyRuns: number;
}

const MINUTE_MS = 60_000;
/** The start of some minute, provider time. */
const T0 = 1_767_225_600_000;
const GUARD_MS = 100;

let sequence = 0;

function addressKey(): BudgetKey {
  sequence += 1;
  return { provider: 'binance', scope: 'address', id: `203.0.113.${sequence}-${sequence}` };
}

function ordersKey(): BudgetKey {
  return { ...addressKey(), scope: 'orders' };
}

export function budgetsConformance(name: string, open: () => BudgetsUnderTest): void {
  describe(`window budget conformance: ${name}`, () => {
    const reserve = (
      requests: readonly (readonly [BudgetKey, number])[],
      providerNowMs: number,
      priority: BudgetPriority = 'normal',
    ) =>
      open().windows.reserve(
        requests.map(([key, weight]) => ({ key, weight })),
        { providerNowMs, priority },
      );

    test('weight is granted up to the normal part, the rest only to what protects', async () => {
      const key = addressKey();
      expect(await reserve([[key, 2_160]], T0 + 500)).toMatchObject({ kind: 'granted' });
      expect(await reserve([[key, 1]], T0 + 501)).toEqual({
        kind: 'deferred',
        retryAtMs: T0 + MINUTE_MS,
        reason: 'AddressBudgetSpent',
      });
      expect(await reserve([[key, 240]], T0 + 502, 'protective')).toMatchObject({
        kind: 'granted',
      });
      expect(await reserve([[key, 1]], T0 + 503, 'protective')).toMatchObject({ kind: 'deferred' });
    });

    test('several keys are reserved together or not at all', async () => {
      const address = addressKey();
      const orders = ordersKey();
      await reserve([[orders, 270]], T0 + 500);
      const refused = await reserve(
        [
          [address, 5],
          [orders, 1],
        ],
        T0 + 501,
      );
      expect(refused).toEqual({
        kind: 'deferred',
        retryAtMs: T0 + 10_000,
        reason: 'AccountOrderBudgetSpent',
      });
      expect(await open().windows.read(address, T0 + 502)).toMatchObject({ weightUsed: 0 });
    });

    test('the shorter and the longer window of orders are both kept', async () => {
      const key = ordersKey();
      for (const second of [0, 10, 20, 30]) {
        const reservedAtMs = T0 + 500 + second * 1_000;
        expect(await reserve([[key, 270]], reservedAtMs)).toMatchObject({ kind: 'granted' });
        await open().windows.settle(key, {
          weight: 270,
          reservedAtMs,
          answeredAtMs: reservedAtMs + 20,
          usages: [{ windowMs: 10_000, weightUsed: 270 }],
        });
      }
      expect(await reserve([[key, 1]], T0 + 41_000)).toEqual({
        kind: 'deferred',
        retryAtMs: T0 + MINUTE_MS,
        reason: 'AccountOrderBudgetSpent',
      });
    });

    test('a header corrects the count upward and downward, but never below what is under way', async () => {
      const key = addressKey();
      const { windows } = open();
      await reserve([[key, 100]], T0 + 500);
      await reserve([[key, 40]], T0 + 600);
      const settle = (weightUsed: number) =>
        windows.settle(key, {
          weight: 100,
          reservedAtMs: T0 + 500,
          answeredAtMs: T0 + 700,
          usages: [{ windowMs: MINUTE_MS, weightUsed }],
        });
      await settle(20);
      expect(await windows.read(key, T0 + 800)).toMatchObject({ weightUsed: 60 });
      await settle(900);
      expect((await windows.read(key, T0 + 800)).weightUsed).toBeGreaterThanOrEqual(900);
    });

    test('a reading is worth nothing once its minute is over', async () => {
      const key = addressKey();
      const { windows } = open();
      await reserve([[key, 10]], T0 + 500);
      await windows.settle(key, {
        weight: 10,
        reservedAtMs: T0 + 500,
        answeredAtMs: T0 + 700,
        usages: [{ windowMs: MINUTE_MS, weightUsed: 2_400 }],
      });
      expect(await reserve([[key, 1]], T0 + 1_000)).toMatchObject({ kind: 'deferred' });
      expect(await reserve([[key, 1]], T0 + MINUTE_MS + 200)).toMatchObject({ kind: 'granted' });
    });

    test('an answer without headers leaves its weight counted', async () => {
      const key = addressKey();
      const { windows } = open();
      await reserve([[key, 30]], T0 + 500);
      await windows.settle(key, {
        weight: 30,
        reservedAtMs: T0 + 500,
        answeredAtMs: T0 + 700,
        usages: [],
      });
      expect(await windows.read(key, T0 + 800)).toMatchObject({ weightUsed: 30 });
    });

    test('the next reading stands for what was answered without one before it was asked for, and for nothing later', async () => {
      const key = addressKey();
      const { windows } = open();
      const ask = async (weight: number, atMs: number): Promise<number> => {
        const reserved = await reserve([[key, weight]], T0 + atMs);
        return reserved.kind === 'granted' ? reserved.ticket : 0;
      };
      const settle = (
        [weight, ticket]: readonly [number, number],
        reservedAtMs: number,
        weightUsed?: number,
      ): Promise<void> =>
        windows.settle(key, {
          weight,
          ticket,
          reservedAtMs: T0 + reservedAtMs,
          answeredAtMs: T0 + reservedAtMs + 20,
          usages: weightUsed === undefined ? [] : [{ windowMs: MINUTE_MS, weightUsed }],
        });
      const first = await ask(30, 500);
      await settle([30, first], 500);
      const second = await ask(10, 521);
      const third = await ask(7, 521);
      await settle([7, third], 521);
      await settle([10, second], 521, 40);
      // The third may have come after the second at the provider.
      expect(await windows.read(key, T0 + 600)).toMatchObject({ weightUsed: 40 + 30 + 7 });
      const fourth = await ask(1, 542);
      await settle([1, fourth], 542, 48);
      expect(await windows.read(key, T0 + 600)).toMatchObject({ weightUsed: 48 });
    });

    test('a blocked key is deferred to its end, whatever it weighs and whoever asks', async () => {
      const key = addressKey();
      const { windows } = open();
      await windows.block(key, T0 + 90_000);
      await windows.block(key, T0 + 30_000);
      expect(await reserve([[key, 0]], T0 + 1_000, 'protective')).toEqual({
        kind: 'deferred',
        retryAtMs: T0 + 90_000,
        reason: 'AddressBanned',
      });
      expect(await windows.read(key, T0 + 1_000)).toMatchObject({ blockedUntilMs: T0 + 90_000 });
      expect(await reserve([[key, 1]], T0 + 90_000)).toMatchObject({ kind: 'granted' });
    });

    test('a request for the time counts in the window that is known, and begins none', async () => {
      const key = addressKey();
      const { windows } = open();
      await reserve([[key, 2_000]], T0 + 500);
      const untimed = { providerNowMs: undefined, priority: 'protective' } as const;
      expect(await windows.reserve([{ key, weight: 1 }], untimed)).toMatchObject({
        kind: 'granted',
      });
      expect(await windows.read(key, T0 + 600)).toMatchObject({ weightUsed: 2_001 });
      await windows.block(key, T0 + 90_000);
      expect(await windows.reserve([{ key, weight: 1 }], untimed)).toMatchObject({
        kind: 'deferred',
        reason: 'AddressBanned',
      });
    });

    test('who does not know the time well waits longer after a full window', async () => {
      const key = addressKey();
      const { windows } = open();
      await reserve([[key, 2_160]], T0 + 59_500);
      const ask = (clockErrorMs: number) =>
        windows.reserve([{ key, weight: 1 }], {
          providerNowMs: T0 + MINUTE_MS + 200,
          clockErrorMs,
          priority: 'normal',
        });
      // The full window's requests were answered long ago by now.
      await windows.settle(key, {
        weight: 2_160,
        reservedAtMs: T0 + 59_500,
        answeredAtMs: T0 + 59_600,
        usages: [{ windowMs: MINUTE_MS, weightUsed: 2_160 }],
      });
      expect(await ask(300)).toMatchObject({ kind: 'deferred', retryAtMs: T0 + MINUTE_MS + 300 });
      expect(await ask(50)).toMatchObject({ kind: 'granted' });
    });

    test('limits are those that the provider published', async () => {
      const { windows } = open();
      const key: BudgetKey = { provider: 'taapi', scope: 'orders', id: addressKey().id };
      await windows.setLimits('taapi', 'orders', [{ windowMs: 1_000, weightMax: 10 }]);
      expect(await windows.read(key, T0)).toMatchObject({ weightMax: 10, windowMs: 1_000 });
      await reserve([[key, 9]], T0 + 500);
      expect(await reserve([[key, 1]], T0 + 600)).toMatchObject({ retryAtMs: T0 + 1_000 });
    });

    test('no window of the provider ever gets more than its limit, whatever the network does', async () => {
      const { windows, propertyRuns } = open();
      const limit = { windowMs: 1_000, weightMax: 40 };
      await windows.setLimits('taapi', 'address', [limit]);
      const send = fc.record({
        afterMs: fc.integer({ min: 0, max: 150 }),
        weight: fc.integer({ min: 1, max: 12 }),
        outMs: fc.integer({ min: 0, max: 400 }),
        backMs: fc.integer({ min: 0, max: 400 }),
        fate: fc.constantFrom('answered', 'answered', 'answered', 'headerless', 'lost' as const),
        priority: fc.constantFrom<BudgetPriority>('normal', 'protective'),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(send, { minLength: 20, maxLength: 60 }),
          fc.integer({ min: -GUARD_MS, max: GUARD_MS }),
          async (sends, offMs) => {
            const key: BudgetKey = { provider: 'taapi', scope: 'address', id: addressKey().id };
            const counts = await runTraffic({ windows, key, limit, offMs }, sends);
            expect(Math.max(0, ...counts)).toBeLessThanOrEqual(limit.weightMax);
          },
        ),
        { numRuns: propertyRuns },
      );
    });
  });

  describe(`leased budget conformance: ${name}`, () => {
    const limit = { windowMs: 200, weightMax: 3 };
    const apiKey = (): BudgetKey => ({ ...addressKey(), provider: 'taapi', scope: 'apiKey' });

    test('a slot returns one window after the answer, not after the request (incident 27)', async () => {
      const under = open();
      const { leases } = under;
      const key = apiKey();
      const slots = await Promise.all([1, 2, 3].map(() => leases.acquire(key, limit)));
      expect(slots.map(({ kind }) => kind)).toEqual(['granted', 'granted', 'granted']);
      await under.pass(limit.windowMs * 2);
      expect(await leases.acquire(key, limit)).toMatchObject({
        kind: 'deferred',
        reason: 'ProviderBudgetSpent',
      });
      const [first] = slots;
      if (first?.kind !== 'granted') return;
      await leases.complete(key, first.slotId, limit);
      const early = await leases.acquire(key, limit);
      expect(early.kind).toBe('deferred');
      if (early.kind === 'deferred') expect(early.retryAfterMs).toBeLessThanOrEqual(limit.windowMs);
      await under.pass(limit.windowMs + 20);
      expect(await leases.acquire(key, limit)).toMatchObject({ kind: 'granted' });
      expect(await leases.acquire(key, limit)).toMatchObject({ kind: 'deferred' });
    });

    test('keys do not share slots', async () => {
      const { leases } = open();
      const [one, other] = [apiKey(), apiKey()];
      for (let count = 0; count < 3; count += 1) await leases.acquire(one, limit);
      expect(await leases.acquire(one, limit)).toMatchObject({ kind: 'deferred' });
      expect(await leases.acquire(other, limit)).toMatchObject({ kind: 'granted' });
    });
  });
}

interface Send {
  readonly afterMs: number;
  readonly weight: number;
  readonly outMs: number;
  readonly backMs: number;
  readonly fate: 'answered' | 'headerless' | 'lost';
  readonly priority: BudgetPriority;
}

interface Traffic {
  readonly windows: WindowBudget;
  readonly key: BudgetKey;
  readonly limit: { readonly windowMs: number; readonly weightMax: number };
  /** How far our clock is off. */
  readonly offMs: number;
}

/** Sends what is granted to a provider that counts by its own clock; returns its count of each window. */
async function runTraffic(traffic: Traffic, sends: readonly Send[]): Promise<readonly number[]> {
  const { windows, key, limit, offMs } = traffic;
  const counted = new Map<number, number>();
  let agenda: { readonly atMs: number; readonly act: () => Promise<void> }[] = [];
  const runUntil = async (untilMs: number): Promise<void> => {
    for (;;) {
      const next = agenda
        .filter(({ atMs }) => atMs <= untilMs)
        .toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) return;
      agenda = agenda.filter((entry) => entry !== next);
      await next.act();
    }
  };
  let nowMs = T0;
  for (const { afterMs, weight, outMs, backMs, fate, priority } of sends) {
    nowMs += afterMs;
    await runUntil(nowMs);
    const reservedAtMs = nowMs + offMs;
    const reservation = await windows.reserve([{ key, weight }], {
      providerNowMs: reservedAtMs,
      priority,
    });
    if (reservation.kind === 'deferred') continue;
    const arrivesAtMs = nowMs + outMs;
    const answersAtMs = arrivesAtMs + backMs;
    const arrive = async (): Promise<void> => {
      const window = Math.floor(arrivesAtMs / limit.windowMs);
      const weightUsed = (counted.get(window) ?? 0) + weight;
      counted.set(window, weightUsed);
      if (fate === 'lost') return;
      const usages = fate === 'answered' ? [{ windowMs: limit.windowMs, weightUsed }] : [];
      agenda.push({
        atMs: answersAtMs,
        act: () =>
          windows.settle(key, {
            weight,
            reservedAtMs,
            ticket: reservation.ticket,
            answeredAtMs: answersAtMs + offMs,
            usages,
          }),
      });
    };
    agenda.push({ atMs: arrivesAtMs, act: arrive });
  }
  await runUntil(Number.POSITIVE_INFINITY);
  return [...counted.values()];
}
