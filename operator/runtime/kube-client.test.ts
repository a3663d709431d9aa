/** What is asked again and what never, in virtual time on the simulated API server. */
import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom } from '#pkg/base';
import {
  createSimulatedKube,
  type Fault,
  type FaultPlan,
} from '../../tests/simulation/kube/index.ts';
import { CONFIG_MAP } from '../../tests/simulation/kube/kinds.ts';
import { passTime } from '../../tests/simulation/kube/virtual-time.ts';
import { isGone, KubeApiError, KubeUnreachableError } from './errors.ts';
import { createRestClient } from './kube-client.ts';
import { createTokenBucket } from './token-bucket.ts';

const REF = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'one' };
const OBJECT = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'n', name: 'one' },
  data: { a: '1' },
};

/** Answers requests with `faults`, one after the other, and then as it should. */
function createBench(...faults: readonly (Fault | undefined)[]) {
  const clock = createManualClock();
  const asked: number[] = [];
  const left = [...faults];
  const plan: FaultPlan = () => {
    asked.push(clock.monotonicMs());
    return left.shift();
  };
  const kube = createSimulatedKube({ clock, kinds: [CONFIG_MAP], faults: plan });
  return {
    clock,
    kube,
    /** When requests arrived, in ms. */
    asked,
    client: kube.client,
    /** Waits for `call` while time passes; returns what it threw if it did. */
    settle: async <T>(call: Promise<T>): Promise<T | Error> => {
      const outcome = call.catch((error: unknown) => error as Error);
      await passTime(clock, 300_000);
      return outcome;
    },
  };
}

const refuse = (status: number, retryAfterSeconds?: number): Fault => ({
  kind: 'refuse',
  status,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});
const LOST_DONE: Fault = { kind: 'loseReply', isDone: true };
const LOST_UNDONE: Fault = { kind: 'loseReply', isDone: false };

test('a POST whose reply is lost is never sent again, whether or not it was carried out', async () => {
  for (const fault of [LOST_DONE, LOST_UNDONE, refuse(500)]) {
    const { client, asked, settle } = createBench(fault);
    const outcome = await settle(client.create(OBJECT));
    expect(outcome).toBeInstanceOf(Error);
    expect(asked).toHaveLength(1);
    if (fault.kind === 'loseReply') expect(outcome).toMatchObject({ isOutcomeUnknown: true });
  }
});

test('a POST that was refused before any work is sent again, when the server says', async () => {
  const { client, asked, settle } = createBench(refuse(429, 3));
  expect(await settle(client.create(OBJECT))).toMatchObject({ data: { a: '1' } });
  expect(asked).toEqual([0, 3_000]);
});

test('an apply whose reply is lost is sent again and changes nothing more', async () => {
  const { client, asked, settle, kube } = createBench(LOST_DONE, refuse(503), LOST_UNDONE);
  const applied = await settle(client.apply(OBJECT, { fieldManager: 'm' }));
  expect(applied).toMatchObject({ metadata: { generation: 1 } });
  expect(asked).toHaveLength(4);
  expect(kube.server.store.version).toBe(2);
});

test('five tries, each later than the one before, and then the last refusal', async () => {
  const { client, asked, settle } = createBench(...Array.from({ length: 9 }, () => refuse(503)));
  const outcome = await settle(client.list(CONFIG_MAP));
  expect(outcome).toBeInstanceOf(KubeApiError);
  expect(outcome).toMatchObject({ status: 503 });
  const gaps = asked.slice(1).map((atMs, index) => atMs - (asked[index] ?? 0));
  expect(gaps).toHaveLength(4);
  for (const [index, gap] of gaps.entries()) {
    expect(gap).toBeGreaterThanOrEqual(50 * 2 ** index);
    expect(gap).toBeLessThanOrEqual(100 * 2 ** index);
  }
});

test.each([400, 401, 403, 404, 409, 422])('a %s is no reason to ask again', async (status) => {
  const { client, asked, settle } = createBench(refuse(status));
  const outcome = await settle(client.apply(OBJECT, { fieldManager: 'm' }));
  expect(outcome).toMatchObject({ status });
  expect(asked).toHaveLength(1);
});

test('a server that does not answer is given up after its deadlines', async () => {
  const { client, clock, kube } = createBench();
  kube.server.cutOff('test');
  let failure: unknown;
  client.find(CONFIG_MAP, REF).catch((error: unknown) => {
    failure = error;
  });
  await passTime(clock, 5 * 30_000);
  expect(failure).toBeUndefined();
  await passTime(clock, 2_000);
  expect(failure).toBeInstanceOf(KubeUnreachableError);
});

test('who asked and goes away is not kept waiting', async () => {
  const { client, clock, asked } = createBench(refuse(429, 30));
  const abort = new AbortController();
  const outcome = client.find(CONFIG_MAP, REF, abort.signal).catch((error: unknown) => error);
  await passTime(clock, 1_000);
  abort.abort(new Error('not needed any more'));
  await passTime(clock, 0);
  expect(String(await outcome)).toContain('not needed any more');
  await passTime(clock, 60_000);
  expect(asked).toHaveLength(1);
});

test('a delete whose reply was lost has deleted; one of nothing has not', async () => {
  const { client, settle, kube } = createBench(undefined, LOST_DONE);
  await settle(client.create(OBJECT));
  expect(await settle(client.delete(REF))).toBe(true);
  expect(kube.server.store.list('v1', 'configmaps', 'n')).toEqual([]);
  expect(await settle(client.delete(REF))).toBe(false);
});

test('a list that grew too old on the way begins again, three times at most', async () => {
  const { client, settle } = createBench(refuse(410), refuse(410));
  expect(await settle(client.list(CONFIG_MAP))).toEqual([]);
  const always = createBench(...Array.from({ length: 9 }, () => refuse(410)));
  expect(await always.settle(always.client.list(CONFIG_MAP))).toSatisfy(isGone);
  expect(always.asked).toHaveLength(4);
});

test('a kind that nobody named is asked of the server once', async () => {
  const { kube, clock } = createBench();
  const client = createRestClient({
    transport: kube.server.connect('other'),
    clock,
    random: createSeededRandom('other'),
  });
  await client.apply(OBJECT, { fieldManager: 'm' });
  await client.apply(OBJECT, { fieldManager: 'm' });
  expect(kube.server.requests.get('discover')).toBe(1);
  const unknown = { ...OBJECT, kind: 'Unheard' };
  await expect(client.apply(unknown, { fieldManager: 'm' })).rejects.toThrow(
    'the API server does not serve Unheard in v1: install its CustomResourceDefinition',
  );
});

test('a bucket lets a burst through, then one at a time, and takes nothing when it refuses', () => {
  const clock = createManualClock();
  const bucket = createTokenBucket(clock, { perSecond: 10, burst: 2 });
  expect([bucket.reserve(), bucket.reserve(), bucket.reserve(), bucket.reserve()]).toEqual([
    0, 0, 100, 200,
  ]);
  expect(bucket.tryTake()).toBe(false);
  clock.advance(300);
  expect([bucket.tryTake(), bucket.tryTake()]).toEqual([true, false]);
  clock.advance(60_000);
  expect([bucket.tryTake(), bucket.tryTake(), bucket.tryTake()]).toEqual([true, true, false]);
});
