import { collectDefaultMetrics, Registry } from 'prom-client';
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
} from './catalogue.ts';
import { registerInstruments } from './instruments.ts';

/** The metrics of one process; names and labels are checked by the compiler against the catalogue. */
export interface Metrics {
  /** Adds `by` (1) to a counter. */
  increment<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** Sets a gauge. */
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Drops every label set of a gauge, before it is written anew. */
  clear(name: GaugeName): void;
  /** Puts a value, in the unit of the name, into a histogram. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /**
   * Calls `collect` before each scrape, for gauges that are cheaper to ask than to follow. One that fails is counted, and
   * the page goes without it: when a server is away the page says most.
   */
  onScrape(collect: () => void | Promise<void>): void;
  /** Returns the page that Prometheus scrapes. */
  render(): Promise<MetricsPage>;
}

export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

export interface MetricsOptions {
  /** Put on every metric. */
  readonly box: string;
  readonly process: string;
  readonly version: string;
  /** Node's own metrics too (default); off in unit tests. */
  readonly isNodeIncluded?: boolean;
}

/**
 * `nodejs_eventloop_lag_*` is measured by a timer of this period, which is part of what it shows. Node's own 10 ms wakes
 * an idle process a hundred times a second: most of what the idle operator spent (1.5 to 2 % of a core).
 */
const LAG_RESOLUTION_MS = 100;

/** Returns the metrics of this process, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ box: options.box, process: options.process });
  if (options.isNodeIncluded !== false) {
    collectDefaultMetrics({
      register: registry,
      eventLoopMonitoringPrecision: LAG_RESOLUTION_MS,
    });
  }
  const { counters, gauges, histograms } = registerInstruments(METRICS, registry);
  const collectors: (() => void | Promise<void>)[] = [];
  const metrics: Metrics = {
    increment: (name, labels, by = 1) => counters.get(name)?.inc({ ...labels }, by),
    set: (name, labels, value) => gauges.get(name)?.set({ ...labels }, value),
    clear: (name) => gauges.get(name)?.reset(),
    observe: (name, labels, value) => histograms.get(name)?.observe({ ...labels }, value),
    onScrape: (collect) => {
      collectors.push(collect);
    },
    render: async () => {
      const ends = await Promise.allSettled(collectors.map(async (collect) => collect()));
      for (const { status } of ends) {
        if (status === 'rejected') metrics.increment('kraite_scrape_reads_failed_total', {});
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
  metrics.set('kraite_build_info', { version: options.version }, 1);
  return metrics;
}
