import type { Dashboard } from '../panel.ts';
import { MODE, WITHOUT_STOP } from './shared.ts';

const SOURCE = 'fleet' as const;

export const FLEET: Dashboard = {
  uid: 'kraite-fleet',
  title: 'Kraite / Fleet',
  description: 'Whether the fleet is well, what is paused, and what each box does.',
  page: '/',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          ...{ title: 'Processes not ready', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'Zero is well; /readyz of each says why it is not.',
          thresholds: { critical: 1 },
          queries: [
            { expr: 'count(kraite_ready{fleet=~"$fleet"} == 0) or vector(0)', legend: 'not ready' },
          ],
          runbook: 'KraiteProcessNotReady',
        },
        MODE,
        {
          ...{ title: 'Pauses', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'Holds of the fleet, of lanes and of accounts, by people and guards.',
          thresholds: { warning: 1 },
          queries: [
            { expr: 'max by (scope) (kraite_holds{fleet=~"$fleet"})', legend: '{{scope}}' },
          ],
        },
        {
          ...{ title: 'Health findings', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'What the watch over the fleet has told and still sees; zero is well.',
          thresholds: { critical: 1 },
          queries: [
            {
              expr: 'sum(max by (fleet, signal) (kraite_health_findings{fleet=~"$fleet"})) or vector(0)',
              legend: 'findings',
            },
          ],
          runbook: 'KraiteHealthFinding',
        },
        {
          ...{ title: 'Open positions', kind: 'stat', unit: 'short', source: SOURCE },
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
          ...{ title: 'Leads', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'Holders of each lease; one each is well.',
          thresholds: { critical: 1, isLowBad: true },
          queries: [
            { expr: 'sum by (lease) (kraite_lease_held{fleet=~"$fleet"})', legend: '{{lease}}' },
          ],
          runbook: 'KraiteLeaseNotHeld',
        },
        {
          ...{ title: 'Versions', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'Processes by release; two of them only while a roll is under way.',
          thresholds: {},
          queries: [
            {
              expr: 'count by (version) (kraite_build_info{fleet=~"$fleet",process!=""})',
              legend: '{{version}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Boxes',
      panels: [
        {
          ...{ title: 'Processor time', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Cores that the processes of a box use.',
          thresholds: { warning: 2 },
          queries: [
            {
              expr: 'sum by (box) (rate(process_cpu_seconds_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{box}}',
            },
          ],
        },
        {
          ...{ title: 'Memory', kind: 'series', unit: 'bytes', source: SOURCE },
          description: 'Resident memory of the processes of a box, without MySQL and Redis.',
          thresholds: { warning: 2_000_000_000 },
          queries: [
            {
              expr: 'sum by (box) (process_resident_memory_bytes{fleet=~"$fleet"})',
              legend: '{{box}}',
            },
          ],
        },
        {
          ...{ title: 'Event loop delay, 99th percentile', kind: 'series', unit: 's' },
          source: SOURCE,
          description:
            'How late timers run, which is at least the 0.1 s between two looks. Above a second, leases are in danger.',
          thresholds: { warning: 0.25, critical: 1 },
          queries: [
            {
              expr: 'max by (box) (nodejs_eventloop_lag_p99_seconds{fleet=~"$fleet"})',
              legend: '{{box}}',
            },
          ],
          runbook: 'KraiteEventLoopBlocked',
        },
        {
          ...{ title: 'Busy slots', kind: 'series', unit: 'percentunit', source: SOURCE },
          description: 'Share of the slots of each box that run a step.',
          thresholds: { warning: 0.9 },
          queries: [
            {
              expr: 'sum by (box) (kraite_lane_slots_busy{fleet=~"$fleet"}) / sum by (box) (kraite_lane_slots{fleet=~"$fleet"})',
              legend: '{{box}}',
            },
          ],
        },
      ],
    },
  ],
};
