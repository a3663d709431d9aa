import type { Dashboard } from '../panel.ts';

const SOURCE = 'operator' as const;

export const OPERATOR: Dashboard = {
  uid: 'kraite-operator',
  title: 'Kraite / Operator',
  description: 'The operator and the fleets that it keeps.',
  page: '/',
  rows: [
    {
      title: 'Fleets',
      panels: [
        {
          ...{ title: 'Conditions that are not met', kind: 'stat', unit: 'short', source: SOURCE },
          description:
            'Conditions of each fleet that are not True; Stalled, Draining and UpdateInProgress are well when they are not.',
          thresholds: { warning: 1 },
          queries: [
            {
              expr: 'count by (fleet) (kraite_fleet_condition{fleet=~"$fleet",condition!~"Stalled|UpdateInProgress|Draining|Reconciling"} == 0) or sum by (fleet) (kraite_fleet_condition{fleet=~"$fleet"}) * 0',
              legend: '{{fleet}}',
            },
          ],
          runbook: 'KraiteFleetNotReady',
        },
        {
          ...{ title: 'Boxes ready', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'Boxes that are what the object says.',
          thresholds: {},
          queries: [
            {
              expr: 'max by (fleet) (kraite_fleet_boxes_ready{fleet=~"$fleet"})',
              legend: '{{fleet}}',
            },
          ],
          runbook: 'KraiteFleetNotReady',
        },
        {
          ...{ title: 'Paused', kind: 'stat', unit: 'bool_yes_no', source: SOURCE },
          description: 'Whether somebody asked that nothing be changed or repaired.',
          thresholds: { warning: 1 },
          queries: [
            { expr: 'max by (fleet) (kraite_fleet_paused{fleet=~"$fleet"})', legend: '{{fleet}}' },
          ],
          runbook: 'KraiteFleetPaused',
        },
        {
          ...{ title: 'Drift of the topology', kind: 'stat', unit: 'bool_yes_no', source: SOURCE },
          description: 'Whether boxes and nodes do not fit together.',
          thresholds: { critical: 1 },
          queries: [
            {
              expr: 'max by (fleet) (kraite_fleet_topology_drift{fleet=~"$fleet"})',
              legend: '{{fleet}}',
            },
          ],
          runbook: 'KraiteFleetStalled',
        },
      ],
    },
    {
      title: 'The operator',
      panels: [
        {
          ...{ title: 'Leads', kind: 'stat', unit: 'short', source: SOURCE },
          description: 'One leader is well.',
          thresholds: { critical: 1, isLowBad: true },
          queries: [
            {
              expr: 'sum(leader_election_master_status{name="kraite-operator"})',
              legend: 'leaders',
            },
          ],
          runbook: 'KraiteOperatorNoLeader',
        },
        {
          ...{ title: 'Passes', kind: 'stacked', unit: 'ops', source: SOURCE },
          description: 'Passes of the controllers by result.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (controller, result) (rate(controller_runtime_reconcile_total{controller=~"kraite.*"}[$__rate_interval]))',
              legend: '{{controller}} {{result}}',
            },
          ],
        },
        {
          ...{ title: 'Passes that failed', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Zero is well.',
          thresholds: { warning: 0.1 },
          queries: [
            {
              expr: 'sum by (controller) (rate(controller_runtime_reconcile_errors_total{controller=~"kraite.*"}[$__rate_interval])) or vector(0)',
              legend: '{{controller}}',
            },
          ],
          runbook: 'KraiteReconcileErrors',
        },
        {
          ...{
            title: 'Time of a pass, 99th percentile',
            kind: 'series',
            unit: 's',
            source: SOURCE,
          },
          description: 'One pass over one object.',
          thresholds: { warning: 1, critical: 10 },
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, controller) (rate(controller_runtime_reconcile_time_seconds_bucket{controller=~"kraite.*"}[$__rate_interval])))',
              legend: '{{controller}}',
            },
          ],
        },
        {
          ...{ title: 'Queue', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Objects that wait for a pass.',
          thresholds: { warning: 100 },
          queries: [
            { expr: 'sum by (name) (workqueue_depth{name=~"kraite.*"})', legend: '{{name}}' },
          ],
        },
        {
          ...{
            title: 'Requests to the API server',
            kind: 'stacked',
            unit: 'reqps',
            source: SOURCE,
          },
          description: 'By method and code.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (method, code) (rate(rest_client_requests_total[$__rate_interval]))',
              legend: '{{method}} {{code}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Addresses',
      panels: [
        {
          ...{ title: 'Proved', kind: 'stat', unit: 'bool_yes_no', source: 'agent' },
          description: 'Whether services outside see each box leave from its own address.',
          thresholds: { critical: 1, isLowBad: true },
          queries: [{ expr: 'min by (node) (kraite_egress_verified)', legend: '{{node}}' }],
          runbook: 'KraiteEgressNotVerified',
        },
        {
          ...{ title: 'Age of the proof', kind: 'series', unit: 's', source: 'agent' },
          description: 'Ordinary work stops when the proof is too old.',
          thresholds: { warning: 120, critical: 300 },
          queries: [
            {
              expr: 'time() - max by (node) (kraite_egress_last_verified_timestamp_seconds)',
              legend: '{{node}}',
            },
          ],
          runbook: 'KraiteEgressProofOld',
        },
        {
          ...{ title: 'Packets that the guard dropped', kind: 'series', unit: 'ops' },
          source: 'agent',
          description: 'Packets that would have left with a wrong address. Zero is well.',
          thresholds: { warning: 0.001 },
          queries: [
            {
              expr: 'sum by (node, reason) (rate(kraite_egress_guard_dropped_packets_total[$__rate_interval])) or vector(0)',
              legend: '{{node}} {{reason}}',
            },
          ],
          runbook: 'KraiteEgressGuardDrops',
        },
      ],
    },
  ],
};
