import { median, type BenchRow } from '../report.ts';

/** What one contender measured in one pass; figures that it has not are absent. */
export type Figures = Readonly<Record<string, number>>;

export const UNITS: Readonly<Record<string, string>> = {
  'chain-p50': 'ms',
  'chain-p99': 'ms',
  'chain-50-p50': 'ms',
  'chain-50-p99': 'ms',
  'chain-50-rate': 'workflows/s',
  'hop-p50': 'ms',
  'hop-p99': 'ms',
  'hop-other-lane-p50': 'ms',
  'fan-100-p50': 'ms',
  'fan-400-per-step': 'ms/step',
  'fan-1600-per-step': 'ms/step',
  'chain-50-retries-rate': 'workflows/s',
  'wake-late-p50': 'ms',
  'wake-late-max': 'ms',
  'chain-50-rate-1-processes': 'workflows/s',
  'chain-50-rate-2-processes': 'workflows/s',
  'chain-50-rate-4-processes': 'workflows/s',
  'idle-statements': 'statements/s',
  'idle-cpu': '% of a core',
  recovery: 'ms',
  'submit-many': 's',
  'submit-many-ended': 's',
  'urgent-alone': 'ms',
  'urgent-in-flood-p50': 'ms',
  'urgent-in-flood-max': 'ms',
  'waiting-heap': 'MB/100,000',
  'waiting-redis': 'MB/100,000',
  'hop-archived': '× of empty',
  'chain-archived': '× of empty',
  'hop-grown': '× of empty',
  'chain-grown': '× of empty',
};

export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Runs `one` so often, so many at a time; returns each duration, and how many ended in a second. */
export async function pass(
  one: () => Promise<number>,
  options: { readonly count: number; readonly inFlight: number },
): Promise<{ readonly durations: readonly number[]; readonly perSecond: number }> {
  const durations: number[] = [];
  let left = options.count;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: options.inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        durations.push(await one());
      }
    }),
  );
  return { durations, perSecond: options.count / ((performance.now() - startedMs) / 1_000) };
}

/** Returns one row for each figure: medians over the passes, the first contender is ours. */
export function toRows(passes: readonly Readonly<Record<string, Figures>>[]): readonly BenchRow[] {
  const names = Object.keys(UNITS);
  return names.flatMap((name) => {
    const runs = passes.map((each) =>
      Object.fromEntries(
        Object.entries(each).flatMap(([contender, figures]) =>
          figures[name] === undefined ? [] : [[contender, round(figures[name])]],
        ),
      ),
    );
    const contenders = Object.keys(runs[0] ?? {});
    const medianOf = (contender: string): number =>
      round(median(runs.flatMap((run) => run[contender] ?? [])));
    if (!contenders.includes(OURS)) return [];
    const peers = contenders.filter((contender) => contender !== OURS);
    return [
      {
        name,
        unit: UNITS[name] ?? '',
        ours: medianOf(OURS),
        peers: Object.fromEntries(peers.map((peer) => [peer, medianOf(peer)])),
        runs: runs.length,
      },
    ];
  });
}

export const OURS = 'kraite-mariadb';

export function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}
