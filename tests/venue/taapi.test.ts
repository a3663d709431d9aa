/** Our adapter for TAAPI.io against the simulated provider, which meters as the real one does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createMemoryLeasedBudget } from '#pkg/budgets';
import { id, type SymbolName } from '#pkg/domain';
import { createTaapiIndicators, type IndicatorName, type IndicatorQuery } from '#pkg/indicators';
import { createSilentLogger } from '#pkg/observability';
import { startSimulatedVenue, type SimulatedVenue } from '../../pkg/exchange/simulated/index.ts';

const HOUR_MS = 3_600_000;
const ASKED: readonly IndicatorName[] = [
  'candle-comparison',
  'ema-40',
  'ema-80',
  'ema-120',
  'chop',
  'pivotpoints',
  'candle',
];
const clock = createSystemClock();
const { signal } = new AbortController();

function queriesOf(symbol: string): IndicatorQuery[] {
  return ASKED.map((indicator) => ({ symbol: id<SymbolName>(symbol), timeframe: '1h', indicator }));
}

describe('the TAAPI adapter on the simulated provider', () => {
  let venue: SimulatedVenue;
  const startClient = (secret = 'taapi-secret', weightMax = 75) =>
    createTaapiIndicators(
      { budget: createMemoryLeasedBudget(clock), clock, logger: createSilentLogger() },
      {
        url: venue.urls.taapi ?? '',
        secret,
        bindAddress: '127.0.3.7',
        plan: { windowMs: 15_000, weightMax },
      },
    );
  beforeAll(async () => {
    venue = await startSimulatedVenue({
      accounts: [],
      taapi: { listen: { host: '127.0.0.1', port: 0 }, secret: 'taapi-secret' },
    });
  });
  afterAll(() => venue[Symbol.asyncDispose]());

  test('one request reads two symbols whole, newest values first, each with its candle', async () => {
    await using indicators = startClient();
    const queries = [...queriesOf('BTCUSDT'), ...queriesOf('DOGEUSDT')];
    const answer = await indicators.read(queries, signal);
    expect(answer.kind).toBe('answered');
    if (answer.kind !== 'answered') return;
    expect(answer.readings.map(({ kind }) => kind)).toEqual(queries.map(() => 'read'));
    expect(answer.readings.map(({ query }) => query)).toEqual(queries);
    const openNowMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS;
    const [comparison, ema, , , chop, pivots] = answer.readings;
    expect(comparison).toMatchObject({ candleOpenAtMs: openNowMs });
    expect(comparison?.kind === 'read' && comparison.values['close']).toHaveLength(2);
    expect(ema).toMatchObject({ candleOpenAtMs: openNowMs - HOUR_MS });
    expect(ema?.kind === 'read' && ema.values['value']).toHaveLength(2);
    expect(chop?.kind === 'read' && chop.values['value']).toHaveLength(1);
    expect(pivots?.kind === 'read' && Object.keys(pivots.values)).toEqual(
      expect.arrayContaining(['p', 'r1', 's1']),
    );
  });

  test('a symbol that the provider does not know is unavailable, the others are read', async () => {
    await using indicators = startClient();
    const answer = await indicators.read(
      [
        { symbol: id('NOPEUSDT'), timeframe: '1h', indicator: 'chop' },
        { symbol: id('BTCUSDT'), timeframe: '1h', indicator: 'chop' },
      ],
      signal,
    );
    expect(answer).toMatchObject({
      kind: 'answered',
      readings: [{ kind: 'unavailable' }, { kind: 'read' }],
    });
  });

  test('a spent plan defers without asking', async () => {
    await using indicators = startClient('taapi-secret', 1);
    const queries = queriesOf('BTCUSDT');
    expect((await indicators.read(queries, signal)).kind).toBe('answered');
    const answer = await indicators.read(queries, signal);
    expect(answer).toMatchObject({ kind: 'deferred', reason: 'ProviderBudgetSpent' });
    if (answer.kind === 'deferred') expect(answer.retryAfterMs).toBeGreaterThan(14_000);
  });

  test('a wrong secret makes every reading unavailable and says what to check', async () => {
    await using indicators = startClient('wrong');
    const answer = await indicators.read(queriesOf('BTCUSDT'), signal);
    const [reading] = answer.kind === 'answered' ? answer.readings : [];
    expect(reading?.kind === 'unavailable' && reading.message).toContain('check its plan');
  });
});
