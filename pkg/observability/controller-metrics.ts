import { Registry } from 'prom-client';
import type { LabelsIn, NameOfKind } from './catalogue.ts';
import { CONTROLLER_METRICS } from './controller-catalogue.ts';
import { registerInstruments } from './instruments.ts';
import type { MetricsPage } from './metrics.ts';

type Catalogue = typeof CONTROLLER_METRICS;
type ControllerCounter = NameOfKind<Catalogue, 'counter'>;
type ControllerGauge = NameOfKind<Catalogue, 'gauge'>;
type ControllerHistogram = NameOfKind<Catalogue, 'histogram'>;

/** The metrics of the controllers of one process, under the names that controller-runtime gives them. */
export interface ControllerMetrics {
  increment<Name extends ControllerCounter>(
    name: Name,
    labels: LabelsIn<Catalogue, Name>,
    by?: number,
  ): void;
  set<Name extends ControllerGauge>(
    name: Name,
    labels: LabelsIn<Catalogue, Name>,
    value: number,
  ): void;
  observe<Name extends ControllerHistogram>(
    name: Name,
    labels: LabelsIn<Catalogue, Name>,
    value: number,
  ): void;
  /** Calls `collect` before each scrape. */
  onScrape(collect: () => void): void;
  render(): Promise<MetricsPage>;
}

/** Returns the metrics of this process's controllers, in a registry of their own and without labels of the fleet. */
export function createControllerMetrics(): ControllerMetrics {
  const registry = new Registry();
  const { counters, gauges, histograms } = registerInstruments(CONTROLLER_METRICS, registry);
  const collectors: (() => void)[] = [];
  return {
    increment: (name, labels, by = 1) => counters.get(name)?.inc({ ...labels }, by),
    set: (name, labels, value) => gauges.get(name)?.set({ ...labels }, value),
    observe: (name, labels, value) => histograms.get(name)?.observe({ ...labels }, value),
    onScrape: (collect) => {
      collectors.push(collect);
    },
    render: async () => {
      for (const collect of collectors) collect();
      return { contentType: registry.contentType, text: writeBoundsAsGo(await registry.metrics()) };
    },
  };
}

/** `le` is a string to Prometheus: dashboards that name a bound need the very characters that Go writes. */
function writeBoundsAsGo(text: string): string {
  return text.replace(
    /\ble="([-+.\de]+)"/g,
    (_, bound: string) => `le="${formatGo(Number(bound))}"`,
  );
}

/** Go's `%g`: exponents below -4 in scientific notation with two digits. */
function formatGo(value: number): string {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}
