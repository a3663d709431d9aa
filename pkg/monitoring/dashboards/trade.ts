import type { Dashboard } from '../panel.ts';

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
        {
          ...{ title: 'Without a stop', kind: 'series', unit: 'short', source: SOURCE },
          description:
            'Positions with exposure and no stop at the venue. Above zero for seconds is an opening.',
          thresholds: { critical: 1 },
          queries: [
            {
              expr: 'sum(max by (fleet) (kraite_unprotected_positions{fleet=~"$fleet"}))',
              legend: 'without a stop',
            },
          ],
          runbook: 'KraitePositionUnprotected',
        },
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
        {
          ...{ title: 'Mode', kind: 'stat', unit: 'bool_yes_no', source: SOURCE },
          description: 'The mode that stands.',
          thresholds: {},
          queries: [
            { expr: 'max by (mode) (kraite_mode{fleet=~"$fleet"}) == 1', legend: '{{mode}}' },
          ],
          runbook: 'KraiteModeOverdue',
        },
        {
          ...{ title: 'Pauses', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Holds by what they reach.',
          thresholds: { warning: 1 },
          queries: [
            { expr: 'max by (scope) (kraite_holds{fleet=~"$fleet"})', legend: '{{scope}}' },
          ],
        },
        {
          ...{
            title: 'The market holds openings',
            kind: 'stat',
            unit: 'bool_yes_no',
            source: SOURCE,
          },
          description: 'Whether a cooldown of the market stands.',
          thresholds: { warning: 1 },
          queries: [{ expr: 'max(kraite_regime_cooldown{fleet=~"$fleet"})', legend: 'held' }],
        },
        {
          ...{ title: 'Reasons', kind: 'stacked', unit: 'ops', source: SOURCE },
          description: 'The ten words most often given by steps that did not do their work.',
          thresholds: {},
          queries: [
            {
              expr: 'topk(10, sum by (reason) (rate(kraite_refusals_total{fleet=~"$fleet"}[$__rate_interval])))',
              legend: '{{reason}}',
            },
          ],
        },
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
