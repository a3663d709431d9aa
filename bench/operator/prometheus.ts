interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Returns the samples of one metric in a page of Prometheus' text format. */
export function readSamples(page: string, name: string): readonly Sample[] {
  return page.split('\n').flatMap((line) => {
    const [, metric, labels = '', value = ''] =
      /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (metric !== name) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, label = '', text = '']): [string, string] => [label, text],
    );
    return [{ labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** Returns a quantile of a histogram, within the bucket in which it lies as Prometheus' histogram_quantile does. */
export function histogramQuantile(
  page: string,
  {
    name,
    labels,
    quantile,
  }: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly quantile: number;
  },
): number {
  const buckets = readSamples(page, `${name}_bucket`)
    .filter((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
    .map(({ labels: { le = '' }, value }) => ({
      bound: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
      value,
    }))
    .toSorted((a, b) => a.bound - b.bound);
  const rank = (buckets.at(-1)?.value ?? 0) * quantile;
  const index = buckets.findIndex(({ value }) => value >= rank);
  const [below, at] = [buckets[index - 1] ?? { bound: 0, value: 0 }, buckets[index]];
  if (at === undefined || rank === 0) return Number.NaN;
  if (at.bound === Number.POSITIVE_INFINITY) return below.bound;
  const share = (rank - below.value) / (at.value - below.value || 1);
  return below.bound + (at.bound - below.bound) * share;
}
