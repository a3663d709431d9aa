import type { Dashboard } from '../panel.ts';
import { MARKET_HOLDS, MODE, REASONS, WITHOUT_STOP } from './shared.ts';

const SOURCE = 'fleet' as const;

export const TRADE: Dashboard = {
  uid: 'kraite-trade',
  title: 'Kraite / Trade',
  description: 'Positions, their protection, and how they end.',
  page: '/positions',
  rows: [
    {
      title: 'Positions',
      panels: [
        {
          ...{ title: 'Open', kind: 'stacked', unit: 'short', source: SOURCE },
          description: 'Positions that hold a slot, by direction.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (direction) (max by (fleet, direction) (kraite_open_positions{fleet=~"$fleet"}))',
              legend: '{{direction}}',
            },
          ],
        },
        WITHOUT_STOP,
        {
          ...{ title: 'From the fill to the stop', kind: 'series', unit: 's', source: SOURCE },
          description: 'From the fill of an entry to its stop standing at the venue.',
          thresholds: { warning: 1, critical: 5 },
          queries: [
            {
              expr: 'histogram_quantile(0.5, sum by (le) (rate(kraite_unprotected_seconds_bucket{fleet=~"$fleet"}[$__rate_interval])))',
              legend: 'p50',
            },
            {
              expr: 'histogram_quantile(0.99, sum by (le) (rate(kraite_unprotected_seconds_bucket{fleet=~"$fleet"}[$__rate_interval])))',
              legend: 'p99',
            },
          ],
          runbook: 'KraitePositionUnprotected',
        },
        {
          ...{ title: 'Ended', kind: 'stacked', unit: 'ops', source: SOURCE },
          description: 'Positions that ended, by how.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (outcome) (rate(kraite_positions_closed_total{fleet=~"$fleet"}[$__rate_interval])) or vector(0)',
              legend: '{{outcome}}',
            },
          ],
        },
      ],
    },
    {
      title: 'What holds openings',
      panels: [
        MODE,
        {
          ...{ title: 'Pauses', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Holds by what they reach.',
          thresholds: { warning: 1 },
          queries: [
            { expr: 'max by (scope) (kraite_holds{fleet=~"$fleet"})', legend: '{{scope}}' },
          ],
        },
        MARKET_HOLDS,
        REASONS,
      ],
    },
    {
      title: 'Orders',
      panels: [
        {
          ...{ title: 'Orders', kind: 'stacked', unit: 'ops', source: SOURCE },
          description: 'By kind and by what became of the request.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (kind, outcome) (rate(kraite_orders_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{kind}} {{outcome}}',
            },
          ],
        },
        {
          ...{
            title: 'Checks asked for by a crossed price',
            kind: 'series',
            unit: 'ops',
            source: SOURCE,
          },
          description:
            'The mark passed a price of a position; the venue is asked unless a fill is heard of.',
          thresholds: {},
          queries: [
            {
              expr: 'sum(rate(kraite_position_checks_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'checks',
            },
          ],
        },
      ],
    },
  ],
};
