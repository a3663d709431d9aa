/** What every peer is asked: so many workflows one at a time, and four times as many with 50 in flight. */
export async function measure(run, { count, hops = () => [] }) {
  await pass(run, 20, 5);
  hops();
  const alone = await pass(run, count, 1);
  const hopTimes = hops();
  const many = await pass(run, count * 4, 50);
  const figures = {
    'chain-p50': percentile(alone.durations, 0.5),
    'chain-p99': percentile(alone.durations, 0.99),
    'chain-50-p50': percentile(many.durations, 0.5),
    'chain-50-p99': percentile(many.durations, 0.99),
    'chain-50-rate': many.perSecond,
    ...(hopTimes.length === 0
      ? {}
      : { 'hop-p50': percentile(hopTimes, 0.5), 'hop-p99': percentile(hopTimes, 0.99) }),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exit(0);
}

async function pass(run, count, inFlight) {
  const durations = [];
  let left = count;
  const startedMs = performance.now();
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const submittedMs = performance.now();
      await run();
      durations.push(performance.now() - submittedMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { durations, perSecond: count / ((performance.now() - startedMs) / 1_000) };
}

function percentile(figures, share) {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Collects the times between steps; reading empties it. */
export function createHops() {
  let hops = [];
  return {
    add: (ms) => hops.push(ms),
    read: () => {
      const read = hops;
      hops = [];
      return read;
    },
  };
}
