import type { Dashboard } from '../panel.ts';
import { MARKET_HOLDS } from './shared.ts';

const SOURCE = 'fleet' as const;

export const SIGNALS: Dashboard = {
  uid: 'kraite-signals',
  title: 'Kraite / Signals',
  description: 'Directions of symbols, the market as a whole, and the provider of indicators.',
  page: '/',
  rows: [
    {
      title: 'The market',
      panels: [
        {
          ...{ title: 'Score of danger', kind: 'series', unit: 'short', source: SOURCE },
          description: '0 to 100; from 80 up openings are held for hours.',
          thresholds: { warning: 60, critical: 80 },
          queries: [{ expr: 'max(kraite_regime_score{fleet=~"$fleet"})', legend: 'score' }],
        },
        {
          ...{ title: 'Drawdown', kind: 'series', unit: 'percentunit', source: SOURCE },
          description: 'How far the market stands below its high.',
          thresholds: { warning: 0.2, critical: 0.4 },
          queries: [
            { expr: 'max(kraite_regime_drawdown_ratio{fleet=~"$fleet"})', legend: 'drawdown' },
          ],
        },
        {
          ...{ title: 'Last scored', kind: 'stat', unit: 's', source: SOURCE },
          description:
            'Age of the score; it is made each hour, and without a young one nothing opens.',
          thresholds: { warning: 4_500, critical: 7_200 },
          queries: [
            {
              expr: 'time() - max(kraite_regime_scored_timestamp_seconds{fleet=~"$fleet"})',
              legend: 'age',
            },
          ],
          runbook: 'KraiteSignalsStale',
        },
        MARKET_HOLDS,
      ],
    },
    {
      title: 'Symbols',
      panels: [
        {
          ...{ title: 'Directions', kind: 'stacked', unit: 'short', source: SOURCE },
          description: 'Symbols by the direction that was concluded last.',
          thresholds: {},
          queries: [
            {
              expr: 'max by (direction) (kraite_symbol_directions{fleet=~"$fleet"})',
              legend: '{{direction}}',
            },
          ],
        },
        {
          ...{ title: 'Last concluded', kind: 'stat', unit: 's', source: SOURCE },
          description: 'Age of the newest direction; they are concluded each hour.',
          thresholds: { warning: 4_500, critical: 7_200 },
          queries: [
            {
              expr: 'time() - max(kraite_direction_timestamp_seconds{fleet=~"$fleet"})',
              legend: 'age',
            },
          ],
          runbook: 'KraiteSignalsStale',
        },
        {
          ...{
            title: 'Requests to the indicator provider',
            kind: 'stacked',
            unit: 'reqps',
            source: SOURCE,
          },
          description: 'By status; 0 is an answer that never came.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (status) (rate(kraite_indicator_requests_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{status}}',
            },
          ],
        },
        {
          ...{ title: 'Runs of the timetable', kind: 'stacked', unit: 'ops', source: SOURCE },
          description: 'By entry.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (entry) (rate(kraite_timetable_runs_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{entry}}',
            },
          ],
          runbook: 'KraiteTimetableFails',
        },
      ],
    },
  ],
};
