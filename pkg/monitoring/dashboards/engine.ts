import type { Dashboard } from '../panel.ts';
import { REASONS } from './shared.ts';

const SOURCE = 'fleet' as const;

export const ENGINE: Dashboard = {
  uid: 'kraite-engine',
  title: 'Kraite / Engine',
  description: 'Steps and workflows: what waits, how fast it moves, what was taken over.',
  page: '/engine',
  rows: [
    {
      title: 'What waits',
      panels: [
        {
          ...{ title: 'Ready steps by lane', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Steps that may run and wait for a slot.',
          thresholds: { warning: 1_000 },
          queries: [
            {
              expr: 'max by (lane) (kraite_steps{fleet=~"$fleet",state="ready"}) or max by (lane) (kraite_steps{fleet=~"$fleet"}) * 0',
              legend: '{{lane}}',
            },
          ],
          runbook: 'KraiteLaneStuck',
        },
        {
          ...{ title: 'Oldest ready step', kind: 'series', unit: 's', source: SOURCE },
          description: 'How long the oldest ready step of a lane has waited.',
          thresholds: { warning: 30, critical: 120 },
          queries: [
            {
              expr: 'max by (lane) (kraite_steps_oldest_ready_seconds{fleet=~"$fleet"})',
              legend: '{{lane}}',
            },
          ],
          runbook: 'KraiteLaneStuck',
        },
        {
          ...{ title: 'Steps by state', kind: 'stacked', unit: 'short', source: SOURCE },
          description: 'Rows of unfinished workflows.',
          thresholds: { warning: 100_000 },
          queries: [
            {
              expr: 'sum by (state) (max by (lane, state) (kraite_steps{fleet=~"$fleet"}))',
              legend: '{{state}}',
            },
          ],
        },
        {
          ...{ title: 'Slots, busy of all', kind: 'series', unit: 'percentunit', source: SOURCE },
          description: 'Share of the slots of a lane that run a step.',
          thresholds: { warning: 0.9 },
          queries: [
            {
              expr: 'sum by (lane) (kraite_lane_slots_busy{fleet=~"$fleet"}) / (sum by (lane) (kraite_lane_slots{fleet=~"$fleet"}) > 0)',
              legend: '{{lane}}',
            },
          ],
        },
      ],
    },
    {
      title: 'How fast',
      panels: [
        {
          ...{ title: 'From step to step', kind: 'series', unit: 's', source: SOURCE },
          description: 'From the commit of a step to the start of the next of its block.',
          thresholds: { warning: 0.05, critical: 0.5 },
          queries: [0.5, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(kraite_step_hop_seconds_bucket{fleet=~"$fleet"}[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          ...{ title: 'Wait for a slot, 99th percentile', kind: 'series', unit: 's' },
          source: SOURCE,
          description: 'From the moment that a step may run to its start.',
          thresholds: { warning: 1, critical: 10 },
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, lane) (rate(kraite_step_queue_wait_seconds_bucket{fleet=~"$fleet"}[$__rate_interval])))',
              legend: '{{lane}}',
            },
          ],
        },
        {
          ...{ title: 'Slowest handlers, 99th percentile', kind: 'series', unit: 's' },
          source: SOURCE,
          description: 'The ten handlers that run longest.',
          thresholds: { warning: 5, critical: 30 },
          queries: [
            {
              expr: 'topk(10, histogram_quantile(0.99, sum by (le, handler) (rate(kraite_step_duration_seconds_bucket{fleet=~"$fleet"}[$__rate_interval]))))',
              legend: '{{handler}}',
            },
          ],
        },
        {
          ...{ title: 'Changes in one commit', kind: 'series', unit: 'short', source: SOURCE },
          description:
            'Changes of workflows that a group commit takes along, on average. Higher under load.',
          thresholds: {},
          queries: [
            {
              expr: '(sum(rate(kraite_step_commit_group_size_sum{fleet=~"$fleet"}[$__rate_interval])) / (sum(rate(kraite_step_commit_group_size_count{fleet=~"$fleet"}[$__rate_interval])) > 0)) or vector(1)',
              legend: 'changes',
            },
          ],
        },
      ],
    },
    {
      title: 'What ended',
      panels: [
        {
          ...{ title: 'Steps ended', kind: 'stacked', unit: 'ops', source: SOURCE },
          description: 'By outcome; deferred and skipped ones name a reason.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (outcome) (rate(kraite_steps_finished_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          ...{ title: 'Workflows ended', kind: 'stacked', unit: 'ops', source: SOURCE },
          description: 'By the state that they ended in.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (outcome) (rate(kraite_workflows_finished_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        REASONS,
        {
          ...{ title: 'Workflows that fail', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'By workflow. Zero is well.',
          thresholds: { critical: 0.02 },
          queries: [
            {
              expr: 'sum by (workflow) (rate(kraite_workflows_finished_total{fleet=~"$fleet",outcome="failed"}[$__rate_interval])) or vector(0)',
              legend: '{{workflow}}',
            },
          ],
          runbook: 'KraiteWorkflowsFail',
        },
      ],
    },
    {
      title: 'What was taken over',
      panels: [
        {
          ...{ title: 'Recoveries', kind: 'series', unit: 'ops', source: SOURCE },
          description:
            'Steps taken back from workers whose lease ran out; above zero when a worker died.',
          thresholds: { warning: 0.1 },
          queries: [
            {
              expr: 'sum by (lane) (rate(kraite_steps_recovered_total{fleet=~"$fleet"}[$__rate_interval])) or vector(0)',
              legend: '{{lane}}',
            },
          ],
        },
        {
          ...{ title: 'Lapsed leases', kind: 'series', unit: 'ops', source: SOURCE },
          description:
            'Runs that a living process gave up because it stood still for too long. Zero is well.',
          thresholds: { warning: 0.001 },
          queries: [
            {
              expr: 'sum by (lane) (rate(kraite_step_leases_lapsed_total{fleet=~"$fleet"}[$__rate_interval])) or vector(0)',
              legend: '{{lane}}',
            },
          ],
          runbook: 'KraiteLeasesLapse',
        },
        {
          ...{ title: 'Retries', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Runs that failed and are tried again, by lane.',
          thresholds: { warning: 1 },
          queries: [
            {
              expr: 'sum by (lane) (rate(kraite_step_retries_total{fleet=~"$fleet"}[$__rate_interval])) or vector(0)',
              legend: '{{lane}}',
            },
          ],
        },
        {
          ...{ title: 'Woken and swept', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Delayed steps that came due, and ready ones whose job was lost.',
          thresholds: {},
          queries: [
            {
              expr: 'sum(rate(kraite_steps_woken_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'woken',
            },
            {
              expr: 'sum(rate(kraite_steps_swept_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: 'swept',
            },
          ],
        },
      ],
    },
  ],
};
