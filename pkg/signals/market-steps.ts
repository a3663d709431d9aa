import { id, type SymbolName } from '#pkg/domain';
import {
  DONE,
  implementTradeStep,
  judgeMarket,
  readMarketFacts,
  saveCooldown,
  saveScoredMarket,
  saveWatchedMarket,
  skip,
} from '#pkg/lifecycles';
import { detectShock, nextBreaker, nextCooldown, scoreRegime, type MarkSample } from '#pkg/regime';
import type { StepContext, StepHandler } from '#pkg/steps';

import { scoreMarket, watchMarket } from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';
import { readSamples, saveSamples } from './mark-samples.ts';
import { completeCandles } from './read-candles.ts';
import { mergeSamples, sampleMarks, samplesOfCandles } from './rules/sample-marks.ts';

/** What stands for the whole market (domain.md 9): BTC, and four beside it. */
const REFERENCE = id<SymbolName>('BTCUSDT');
const ALTS = ['ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT'].map((name) => id<SymbolName>(name));
/** One more than the samples that the breaker takes, because the newest is still open. */
const MINUTES_READ = 62;

/** The score of each hour and the look of each minute at the whole market. */
export function createMarketHandlers(dependencies: SignalDependencies): StepHandler[] {
  return [createScore(dependencies), createWatch(dependencies)];
}

/** Asked by name: the market does not depend on what is eligible to be traded (incident 32). */
async function listBasket({ store }: SignalDependencies): Promise<readonly SymbolName[]> {
  const listed = new Set(
    (await store.symbols.list())
      .filter(({ isTrading }) => isTrading)
      .map(({ rules }) => rules.symbol),
  );
  return [REFERENCE, ...ALTS].filter((symbol) => listed.has(symbol));
}

function createScore(dependencies: SignalDependencies): StepHandler {
  const { store, clock, events } = dependencies;
  return implementTradeStep(scoreMarket, async (context) => {
    const basket = await listBasket(dependencies);
    const series = await Promise.all(
      basket.map(async (symbol) => ({
        symbol,
        candles: await completeCandles(dependencies, { symbol, timeframe: '1h' }, context.signal),
      })),
    );
    const reference = series.find(({ symbol }) => symbol === REFERENCE);
    const alts = series.filter(({ symbol }) => symbol !== REFERENCE);
    if (reference === undefined || alts.length === 0) {
      return skip('CandlesMissing', 'The venue lists no BTCUSDT, or nothing to compare it with.');
    }
    const nowMs = clock.nowMs();
    const found = scoreRegime(reference, alts, nowMs);
    const before = await readMarketFacts(store.settings);
    await saveCooldown(store.settings, nextCooldown(before.cooldown, found, { nowMs }), nowMs);
    // What could not be scored leaves the last score to grow old, and that refuses.
    if (found.kind === 'unavailable') {
      await events.record({
        kind: 'MarketNotScored',
        reason: found.reason,
        message: found.message,
      });
      return skip(found.reason, found.message);
    }
    const { kind: _kind, ...scored } = found;
    await saveScoredMarket(store.settings, { ...scored, scoredAtMs: nowMs });
    if (before.scored?.score !== scored.score) {
      const met = scored.parts.filter(({ isMet }) => isMet).map(({ name }) => name);
      const why = scored.isFloored ? [...met, 'drawdown'] : met;
      await events.record({
        kind: 'MarketScored',
        message: `The market scores ${scored.score} of 100${why.length === 0 ? '' : ` (${why.join(', ')})`}.`,
      });
    }
    await tellChange(dependencies, context, judgeMarket(before, nowMs).kind);
    return DONE;
  });
}

function createWatch(dependencies: SignalDependencies): StepHandler {
  const { store, clock, events } = dependencies;
  return implementTradeStep(watchMarket, async (context) => {
    const basket = await listBasket(dependencies);
    if (basket.length < 2) return skip('MarkSamplesMissing', 'The symbols are not known yet.');
    const { samples, shock } = await look(dependencies, basket, context.signal);
    const nowMs = clock.nowMs();
    const before = await readMarketFacts(store.settings);
    const standing = before.watched?.breaker ?? { shocks: 0, untilMs: undefined };
    const breaker = nextBreaker(standing, shock, { nowMs });
    await saveSamples(store.settings, samples, nowMs);
    await saveWatchedMarket(store.settings, { breaker, shock, lookedAtMs: nowMs });
    if (breaker.untilMs !== undefined && (standing.untilMs ?? 0) <= nowMs) {
      const rules = shock.kind === 'shock' ? shock.rules.join(', ') : 'two looks in a row';
      await events.record({
        kind: 'MarketShock',
        reason: 'MarketShock',
        message: `The market falls too fast (${rules}): nothing is opened for an hour.`,
      });
    }
    await tellChange(dependencies, context, judgeMarket(before, nowMs).kind);
    return DONE;
  });
}

/** Live marks first; minutes that nobody sampled are filled from the venue's candles of a minute. */
async function look(
  { store, exchange, prices, clock }: SignalDependencies,
  basket: readonly SymbolName[],
  signal: AbortSignal,
) {
  const marks = await prices.readAll();
  const live = sampleMarks(marks, basket, clock.nowMs());
  const known = await readSamples(store.settings);
  const detect = (samples: readonly MarkSample[]) =>
    detectShock(samples, {
      reference: REFERENCE,
      alts: basket.filter((symbol) => symbol !== REFERENCE),
      nowMs: clock.nowMs(),
    });
  const samples = mergeSamples(known, live === undefined ? [] : [live], clock.nowMs());
  const shock = detect(samples);
  if (shock.kind !== 'unknown') return { samples, shock };
  const series = await Promise.all(
    basket.map(async (symbol) => ({
      symbol,
      candles: await exchange.readCandles(symbol, '1m', MINUTES_READ, signal),
    })),
  );
  const filled = mergeSamples(samplesOfCandles(series, clock.nowMs()), samples, clock.nowMs());
  return { samples: filled, shock: detect(filled) };
}

/** What the market allows now for the first time is news for the free slots. */
async function tellChange(
  { store, clock, onDirectionsConcluded }: SignalDependencies,
  context: StepContext,
  before: 'allowed' | 'refused',
): Promise<void> {
  const now = judgeMarket(await readMarketFacts(store.settings), clock.nowMs());
  if (before === 'refused' && now.kind === 'allowed') await onDirectionsConcluded(context);
}
