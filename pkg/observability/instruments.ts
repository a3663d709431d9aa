import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricDefinition } from './metric-definition.ts';

export interface Instruments {
  readonly counters: ReadonlyMap<string, Counter>;
  readonly gauges: ReadonlyMap<string, Gauge>;
  readonly histograms: ReadonlyMap<string, Histogram>;
}

/** Makes every metric of a catalogue in `registry`. */
export function registerInstruments(
  catalogue: Readonly<Record<string, MetricDefinition>>,
  registry: Registry,
): Instruments {
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, definition] of Object.entries(catalogue)) {
    const { help } = definition;
    const base = { name, help, labelNames: [...definition.labels], registers: [registry] };
    switch (definition.kind) {
      case 'counter':
        counters.set(name, new Counter(base));
        break;
      case 'gauge':
        gauges.set(name, new Gauge(base));
        break;
      case 'histogram':
        histograms.set(name, new Histogram({ ...base, buckets: [...(definition.buckets ?? [])] }));
        break;
    }
  }
  return { counters, gauges, histograms };
}
