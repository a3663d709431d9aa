/**
 * monitoring: the dashboards, as data, and how they become the files that the chart ships.
 *
 * No process of a fleet imports it. `charts/kraite-fleet/dashboards` is generated from here; alerts are written by hand
 * in `charts/kraite-fleet/rules`, in the form that Prometheus reads.
 */
import { CORE } from './dashboards/core.ts';
import { ENGINE } from './dashboards/engine.ts';
import { FLEET } from './dashboards/fleet.ts';
import { OPERATOR } from './dashboards/operator.ts';
import { SIGNALS } from './dashboards/signals.ts';
import { STREAMS } from './dashboards/streams.ts';
import { TRADE } from './dashboards/trade.ts';
import { VENUE } from './dashboards/venue.ts';
import type { Dashboard } from './panel.ts';

export type { Dashboard, Panel, Query } from './panel.ts';
export { fleetQueryOf, renderDashboard } from './render-dashboard.ts';

export const DASHBOARDS: readonly Dashboard[] = [
  FLEET,
  ENGINE,
  VENUE,
  TRADE,
  SIGNALS,
  STREAMS,
  OPERATOR,
  CORE,
];
