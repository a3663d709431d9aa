import { describe, expect, test } from 'vitest';
import { createManualClock } from '#pkg/base';
import { checkFaultRequest, type FaultPlan } from './fault-request.ts';
import { createFrameFaults, type FrameSink, type SocketKind } from './frame-faults.ts';
import { createRequestFaults } from './request-faults.ts';

describe('a fault order that makes no sense is refused with a sentence', () => {
  test.each([
    [5, 'the body must be object'],
    [{ lateny: 5 }, 'the body has no field lateny; known are clear, latencyMs'],
    [{ latencyMs: -1 }, 'latencyMs must be >= 0'],
    [{ loseReplies: { count: 1 } }, 'loseReplies needs endpoint'],
    [{ loseReplies: { endpoint: '*', count: 0 } }, 'loseReplies.count must be >= 1'],
    [
      { answer: { endpoint: '*', count: 1, kind: 'odd' } },
      'answer.kind must be one of timeout, unexpected, unknown503, refused503, internal503, busy, timestamp, html',
    ],
    [{ plan: { seed: '1', loseReplies: 2 } }, 'plan.loseReplies must be <= 1'],
    [{ plan: { seed: '1', answers: { slow: 1 } } }, 'plan.answers has no field slow'],
    [{ silence: { streams: 'all', seconds: 1 } }, 'silence.streams must be one of user, market, *'],
    [{ rename: { symbol: 'OPUSDT', to: 'op' } }, 'rename.to must match pattern'],
    [{ script: [{ afterMs: 1, order: { script: [] } }] }, 'script.0.order has no field script'],
  ])('%j: %s', (order, words) => {
    const checked = checkFaultRequest(order);
    expect('mistake' in checked ? checked.mistake : 'none').toContain(words);
  });
});

const PLAN: FaultPlan = {
  seed: 'replay',
  loseRequests: 0.1,
  loseReplies: 0.1,
  holdRequests: 0.1,
  answers: { timeout: 0.1, unknown503: 0.1 },
  frames: { duplicate: 0.2, drop: 0.1, delay: 0.1, reorder: 0.1 },
};

describe('a seeded plan', () => {
  const drawn = (plan: FaultPlan, endpoints: readonly string[]) => {
    const faults = createRequestFaults();
    faults.order({ plan });
    for (const endpoint of endpoints) faults.take(endpoint);
    return faults.describe().drawn;
  };
  const order = 'POST /fapi/v1/order';
  const cancel = 'DELETE /fapi/v1/order';
  const each = (count: number) => Array.from({ length: count }, () => [order, cancel]).flat();

  test('draws the same faults again, however the endpoints take turns', () => {
    const first = drawn(PLAN, each(200));
    const apart = drawn(PLAN, each(200).toSorted());
    const by = (endpoint: string, faults: typeof first) =>
      faults.filter((fault) => fault.endpoint === endpoint);
    expect(first.length).toBeGreaterThan(120);
    for (const endpoint of [order, cancel]) {
      expect(by(endpoint, apart)).toEqual(by(endpoint, first));
    }
  });

  test('draws others from another seed, and its shares of them', () => {
    const faults = drawn(
      PLAN,
      Array.from({ length: 4_000 }, () => order),
    );
    expect(drawn({ ...PLAN, seed: 'other' }, each(200))).not.toEqual(drawn(PLAN, each(200)));
    const lost = faults.filter(({ fault }) => fault.losesReply === true).length;
    expect(lost / 4_000).toBeGreaterThan(0.08);
    expect(lost / 4_000).toBeLessThan(0.12);
  });

  test('spares endpoints that it does not name, and gives way to an order', () => {
    const faults = createRequestFaults();
    faults.order({ plan: { seed: '1', endpoints: [cancel], loseReplies: 1 } });
    expect(faults.take(order)).toMatchObject({ losesReply: false });
    faults.order({ loseRequests: { endpoint: '*', count: 1 } });
    expect(faults.take(cancel)).toMatchObject({ losesRequest: true, losesReply: false });
    expect(faults.take(cancel)).toMatchObject({ losesRequest: false, losesReply: true });
  });
});

describe('frames', () => {
  function createSink(kind: SocketKind): FrameSink & { readonly heard: string[] } {
    const heard: string[] = [];
    return { kind, heard, write: (text) => void heard.push(text) };
  }

  test.each([
    ['duplicate', ['a', 'a', 'b', 'c']],
    ['drop', ['b', 'c']],
    ['reorder', ['b', 'a', 'c']],
    ['delay', ['b', 'c', 'a']],
  ] as const)('%s: a, b, c arrive as %j', (kind, arrived) => {
    const clock = createManualClock();
    const faults = createFrameFaults(clock);
    const [user, market] = [createSink('user'), createSink('market')];
    faults.order({ frames: { kind, streams: 'user', count: 1, ms: 50 } });
    for (const text of ['a', 'b', 'c']) {
      faults.deliver(market, text);
      faults.deliver(user, text);
    }
    clock.advance(50);
    expect(user.heard).toEqual(arrived);
    expect(market.heard).toEqual(['a', 'b', 'c']);
  });

  test('a silenced socket hears nothing until its time is over', () => {
    const clock = createManualClock();
    const faults = createFrameFaults(clock);
    const [silent, loud] = [createSink('user'), createSink('user')];
    faults.silence([silent], clock.nowMs() + 1_000);
    for (const text of ['a', 'b']) {
      faults.deliver(silent, text);
      faults.deliver(loud, text);
      clock.advance(1_000);
    }
    expect([silent.heard, loud.heard]).toEqual([['b'], ['a', 'b']]);
  });

  test('a plan meets the n-th frame of a kind of stream alike in each run', () => {
    const run = (): readonly string[] => {
      const faults = createFrameFaults(createManualClock());
      faults.order({ plan: PLAN });
      const sink = createSink('user');
      for (let count = 0; count < 100; count += 1) faults.deliver(sink, String(count));
      return sink.heard;
    };
    expect(run()).toEqual(run());
    expect(run()).not.toEqual(Array.from({ length: 100 }, (_, count) => String(count)));
  });
});
