import type { Panel } from '../panel.ts';

/** Panels that stand on more than one dashboard. */
const SOURCE = 'fleet' as const;

export const MODE: Panel = {
  ...{ title: 'Mode', kind: 'stat', unit: 'bool_yes_no', source: SOURCE },
  description: 'The mode that stands. Everything but normal holds something.',
  thresholds: {},
  queries: [{ expr: 'max by (mode) (kraite_mode{fleet=~"$fleet"}) == 1', legend: '{{mode}}' }],
  runbook: 'KraiteModeOverdue',
};

export const WITHOUT_STOP: Panel = {
  ...{ title: 'Positions without a stop', kind: 'stat', unit: 'short', source: SOURCE },
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
};

export const REASONS: Panel = {
  ...{ title: 'Reasons', kind: 'stacked', unit: 'ops', source: SOURCE },
  description: 'The ten words most often given by steps that did not do their work.',
  thresholds: {},
  queries: [
    {
      expr: 'topk(10, sum by (reason) (rate(kraite_refusals_total{fleet=~"$fleet"}[$__rate_interval])))',
      legend: '{{reason}}',
    },
  ],
};

export const MARKET_HOLDS: Panel = {
  ...{
    title: 'The market holds openings',
    kind: 'stat',
    unit: 'bool_yes_no',
    source: SOURCE,
  },
  description: 'Whether a cooldown of the market stands.',
  thresholds: { warning: 1 },
  queries: [{ expr: 'max(kraite_regime_cooldown{fleet=~"$fleet"})', legend: 'held' }],
};
