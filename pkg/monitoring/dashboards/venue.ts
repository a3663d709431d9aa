import type { Dashboard } from '../panel.ts';

const SOURCE = 'fleet' as const;

export const VENUE: Dashboard = {
  uid: 'kraite-venue',
  title: 'Kraite / Venue and budgets',
  description: 'What each address spends, how the venue answers, and what became of orders.',
  page: '/',
  rows: [
    {
      title: 'Budgets',
      panels: [
        {
          ...{ title: 'Request weight in this minute', kind: 'series', unit: 'percentunit' },
          source: SOURCE,
          description: 'Share of the weight that the venue grants an address, as it said itself.',
          thresholds: { warning: 0.9, critical: 1 },
          queries: [
            {
              expr: 'max by (address) (kraite_venue_weight_used{fleet=~"$fleet"}) / max by (address) (kraite_venue_weight_limit{fleet=~"$fleet"})',
              legend: '{{address}}',
            },
          ],
          runbook: 'KraiteAddressLimited',
        },
        {
          ...{ title: 'Addresses refused', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'Addresses that the venue bans now; zero is well.',
          thresholds: { critical: 1 },
          queries: [
            {
              expr: 'count(max by (address) (kraite_venue_address_banned{fleet=~"$fleet"}) == 1) or vector(0)',
              legend: 'banned',
            },
          ],
          runbook: 'KraiteAddressBanned',
        },
        {
          ...{ title: 'Refused for their number', kind: 'series', unit: 'reqps', source: SOURCE },
          description: 'Answers 429 and 418 by address. Zero is well.',
          thresholds: { warning: 0.001 },
          queries: [
            {
              expr: 'sum by (address, status) (rate(kraite_venue_requests_total{fleet=~"$fleet",status=~"418|429"}[$__rate_interval])) or vector(0)',
              legend: '{{address}} {{status}}',
            },
          ],
          runbook: 'KraiteAddressLimited',
        },
        {
          ...{ title: "Venue's clock against ours", kind: 'series', unit: 's', source: SOURCE },
          description: 'Far from zero, the clock of that box is wrong.',
          thresholds: { warning: 0.25, critical: 1 },
          queries: [
            {
              expr: 'max by (address) (abs(kraite_venue_clock_offset_seconds{fleet=~"$fleet"}))',
              legend: '{{address}}',
            },
          ],
          runbook: 'KraiteClockWrong',
        },
      ],
    },
    {
      title: 'Answers',
      panels: [
        {
          ...{ title: 'Requests', kind: 'stacked', unit: 'reqps', source: SOURCE },
          description: 'By endpoint.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (endpoint) (rate(kraite_venue_requests_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{endpoint}}',
            },
          ],
        },
        {
          ...{ title: 'Answers that are no success', kind: 'series', unit: 'reqps' },
          source: SOURCE,
          description: 'By status; 0 is an answer that never came.',
          thresholds: { warning: 0.1, critical: 1 },
          queries: [
            {
              expr: 'sum by (status) (rate(kraite_venue_requests_total{fleet=~"$fleet",status!~"2.."}[$__rate_interval])) or vector(0)',
              legend: '{{status}}',
            },
          ],
          runbook: 'KraiteVenueFails',
        },
        {
          ...{ title: 'Time to an answer, median', kind: 'series', unit: 's', source: SOURCE },
          description: 'By endpoint, from sending to the end of the answer.',
          thresholds: { warning: 0.5, critical: 2 },
          queries: [
            {
              expr: 'histogram_quantile(0.5, sum by (le, endpoint) (rate(kraite_venue_request_duration_seconds_bucket{fleet=~"$fleet"}[$__rate_interval])))',
              legend: '{{endpoint}}',
            },
          ],
        },
        {
          ...{ title: 'Time to an answer, 99th percentile', kind: 'series', unit: 's' },
          source: SOURCE,
          description: 'By endpoint, from sending to the end of the answer.',
          thresholds: { warning: 1, critical: 5 },
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, endpoint) (rate(kraite_venue_request_duration_seconds_bucket{fleet=~"$fleet"}[$__rate_interval])))',
              legend: '{{endpoint}}',
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
          description: 'Placed, changed and canceled, by what became of the request.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (kind, outcome) (rate(kraite_orders_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{kind}} {{outcome}}',
            },
          ],
        },
        {
          ...{ title: 'Lost answers', kind: 'series', unit: 'ops', source: SOURCE },
          description:
            'Requests for an order whose answer never came; each is looked up. Zero is usual.',
          thresholds: { warning: 0.05 },
          queries: [
            {
              expr: 'sum(rate(kraite_orders_total{fleet=~"$fleet",outcome="unknown"}[$__rate_interval])) or vector(0)',
              legend: 'unknown',
            },
          ],
          runbook: 'KraiteVenueFails',
        },
      ],
    },
  ],
};
