/**
 * How long one pass over the directions of all symbols takes, beside the least that the provider's plan allows.
 *
 *   kraite bench signals [--symbols 600] [--json FILE]
 *
 * Every symbol stays unclear to the end, so each of the three rounds asks for all of them: the longest pass there is. Ten
 * readers, as many as the lane has slots, ask through the real adapter and a leased budget; the provider counts 75 requests in
 * windows of 15 s that slide or stand, and answers in 20 to 60 ms. The bound is that plan, spent to the last request from
 * the first instant on: 75 at once, and 75 more each 15 s. It is met at best once the last request is sent.
 */
import { createSystemClock, createSystemRandom } from '#pkg/base';
import { createMemoryLeasedBudget } from '#pkg/budgets';
import { id, TIMEFRAMES, type SymbolName } from '#pkg/domain';
import { createTaapiIndicators } from '#pkg/indicators';
import { createSilentLogger } from '#pkg/observability';

import { planBulks } from '../../pkg/signals/rules/conclude-direction.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { PLAN, startProvider, type ProviderWindow } from '../budgets/indicator-provider.ts';
import { printRows, writeRows, type BenchRow } from '../report.ts';

const READERS = 10;
const values = readExerciseOptions({ symbols: 600, json: undefined });
const clock = createSystemClock();
const { signal } = new AbortController();
const symbols = Array.from({ length: values.symbols }, (_, at) => id<SymbolName>(`S${at}USDT`));

const rows: BenchRow[] = [];
for (const window of ['sliding', 'fixed'] as const) rows.push(...(await measurePass(window)));
printRows(rows);
writeRows(values.json, rows);

async function measurePass(window: ProviderWindow): Promise<readonly BenchRow[]> {
  await using provider = await startProvider(window, createSystemRandom());
  await using indicators = createTaapiIndicators(
    { budget: createMemoryLeasedBudget(clock), clock, logger: createSilentLogger() },
    { url: provider.url, secret: 'bench', bindAddress: undefined },
  );
  const beganMs = clock.monotonicMs();
  for (const timeframe of TIMEFRAMES) {
    const bulks = planBulks(symbols, indicators.calculationsMax).map((bulk) =>
      bulk.map((query) => ({ ...query, timeframe })),
    );
    const reader = async (): Promise<void> => {
      for (let bulk = bulks.shift(); bulk !== undefined; bulk = bulks.shift()) {
        let answer = await indicators.read(bulk, signal);
        while (answer.kind === 'deferred') {
          await clock.sleep(answer.retryAfterMs);
          answer = await indicators.read(bulk, signal);
        }
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
  }
  const tookMs = clock.monotonicMs() - beganMs;
  const granted = provider.answered.filter(({ isGranted }) => isGranted).length;
  const boundMs = Math.floor((granted - 1) / PLAN.weightMax) * PLAN.windowMs;
  const name = `${symbols.length} symbols × ${TIMEFRAMES.length} timeframes, ${window} window`;
  const asked = provider.answered.length;
  return [
    { name, unit: 's', ours: tookMs / 1_000, peers: { bound: boundMs / 1_000 }, runs: 1 },
    { name: '  requests', unit: '', ours: asked, peers: { granted }, runs: 1 },
  ];
}
