import { FLEET_METRICS } from './fleet-catalogue.ts';
import type { MetricDefinition } from './metric-definition.ts';

/**
 * Every metric that a process of the fleet may show.
 *
 * A metric that is not here does not compile. Units are in the name (Prometheus base units), counters end in
 * `_total`. Labels are closed sets or small ones: never an order id, never a symbol. `docs/reference/metrics.md`
 * is generated from this list.
 */
const HOP_BUCKETS = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];
const CALL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const PROTECTION_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

export const METRICS = {
  kraite_build_info: {
    kind: 'gauge',
    help: 'Always 1; the label tells the running version.',
    labels: ['version'],
  },
  kraite_ready: {
    kind: 'gauge',
    help: 'Whether the process takes work (1) or says why not on /readyz (0).',
    labels: [],
  },
  kraite_certificate_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the certificate of the sites ends, seconds since 1970.',
    labels: [],
  },
  kraite_steps: {
    kind: 'gauge',
    help: 'Step rows by lane and state, as the dispatcher counted them last.',
    labels: ['lane', 'state'],
  },
  kraite_steps_finished_total: {
    kind: 'counter',
    help: 'Steps that this process ran to an outcome.',
    labels: ['lane', 'outcome'],
  },
  kraite_step_duration_seconds: {
    kind: 'histogram',
    help: 'Time a handler ran.',
    labels: ['lane', 'handler'],
    buckets: CALL_BUCKETS,
  },
  kraite_step_hop_seconds: {
    kind: 'histogram',
    help: 'From the commit of one step to the start of the next one in its block.',
    labels: ['lane'],
    buckets: HOP_BUCKETS,
  },
  kraite_steps_recovered_total: {
    kind: 'counter',
    help: 'Steps taken back from a worker whose lease ran out.',
    labels: ['lane'],
  },
  kraite_steps_swept_total: {
    kind: 'counter',
    help: 'Ready steps that were enqueued again because their job may have been lost.',
    labels: [],
  },
  kraite_steps_woken_total: {
    kind: 'counter',
    help: 'Delayed steps that became ready when they were due.',
    labels: [],
  },
  kraite_step_queue_wait_seconds: {
    kind: 'histogram',
    help: 'From the moment that a step may run to its start.',
    labels: ['lane'],
    buckets: HOP_BUCKETS,
  },
  kraite_step_commit_group_size: {
    kind: 'histogram',
    help: 'Changes of workflows that one transaction commits together; a change that goes alone is not counted.',
    labels: [],
    buckets: [2, 4, 8, 16, 32, 64],
  },
  kraite_step_retries_total: {
    kind: 'counter',
    help: 'Runs that failed and are tried again.',
    labels: ['lane'],
  },
  kraite_step_leases_lapsed_total: {
    kind: 'counter',
    help: 'Runs that a living process gave up because its heartbeat had lapsed. Anything above 0: a host or the database stands still for too long.',
    labels: ['lane'],
  },
  kraite_steps_oldest_ready_seconds: {
    kind: 'gauge',
    help: 'How long the oldest ready step of the lane has waited for a slot.',
    labels: ['lane'],
  },
  kraite_lane_slots: {
    kind: 'gauge',
    help: 'Slots that this process has in a lane.',
    labels: ['lane'],
  },
  kraite_lane_slots_busy: {
    kind: 'gauge',
    help: 'Slots of a lane that run a step now.',
    labels: ['lane'],
  },
  kraite_workflows_admitted_total: {
    kind: 'counter',
    help: 'Workflows that the dispatcher let begin.',
    labels: ['workflow'],
  },
  kraite_workflows_finished_total: {
    kind: 'counter',
    help: 'Workflows whose last step this process wrote, by the state that they ended in.',
    labels: ['workflow', 'outcome'],
  },
  kraite_refusals_total: {
    kind: 'counter',
    help: 'Ends of steps that name a reason (skipped, stopped, deferred, failed), by the word that page, row and log show too.',
    labels: ['reason'],
  },
  kraite_lease_held: {
    kind: 'gauge',
    help: 'Whether this process holds the lease (1) or stands by (0).',
    labels: ['lease'],
  },
  kraite_timetable_runs_total: {
    kind: 'counter',
    help: 'Runs of timetable entries.',
    labels: ['entry', 'outcome'],
  },
  kraite_venue_requests_total: {
    kind: 'counter',
    help: 'Requests to the venue by the address they left from, endpoint and HTTP status (0: no answer).',
    labels: ['address', 'endpoint', 'status'],
  },
  kraite_venue_request_duration_seconds: {
    kind: 'histogram',
    help: 'From sending a request to the venue to the end of its answer.',
    labels: ['endpoint'],
    buckets: CALL_BUCKETS,
  },
  kraite_venue_clock_offset_seconds: {
    kind: 'gauge',
    help: "How far the venue's clock is ahead of this host's, as measured last; far from 0, the host's clock is wrong.",
    labels: ['address'],
  },
  kraite_venue_weight_used: {
    kind: 'gauge',
    help: 'Request weight used in the current minute, as the venue said last.',
    labels: ['address'],
  },
  kraite_venue_weight_limit: {
    kind: 'gauge',
    help: 'Request weight that the venue grants an address in a minute.',
    labels: ['address'],
  },
  kraite_venue_address_banned: {
    kind: 'gauge',
    help: 'Whether the venue refuses this address (1).',
    labels: ['address'],
  },
  kraite_orders_total: {
    kind: 'counter',
    help: 'Order mutations by kind and outcome (unknown: the answer was lost).',
    labels: ['kind', 'outcome'],
  },
  kraite_open_positions: {
    kind: 'gauge',
    help: 'Positions that are open.',
    labels: ['direction'],
  },
  kraite_unprotected_positions: {
    kind: 'gauge',
    help: 'Open positions with no stop at the venue. Anything above 0 for long pages a human.',
    labels: [],
  },
  kraite_unprotected_seconds: {
    kind: 'histogram',
    help: 'From the fill of an entry to its stop standing at the venue.',
    labels: [],
    buckets: PROTECTION_BUCKETS,
  },
  kraite_positions_closed_total: {
    kind: 'counter',
    help: 'Positions that ended, by how.',
    labels: ['outcome'],
  },
  kraite_stream_connected: {
    kind: 'gauge',
    help: 'Whether the stream is connected (1).',
    labels: ['stream'],
  },
  kraite_stream_frames_total: {
    kind: 'counter',
    help: 'Frames received.',
    labels: ['stream'],
  },
  kraite_stream_reconnects_total: {
    kind: 'counter',
    help: 'Connections that were made anew, by why the one before ended.',
    labels: ['stream', 'reason'],
  },
  kraite_stream_frames_unreadable_total: {
    kind: 'counter',
    help: 'Frames that nobody could read. What they told is read by REST.',
    labels: ['stream'],
  },
  kraite_stream_accounts: {
    kind: 'gauge',
    help: 'Accounts listened for, by whether their events are complete.',
    labels: ['state'],
  },
  kraite_stream_dead_letters: {
    kind: 'gauge',
    help: 'Frames that could not be stored and wait on disk until they can.',
    labels: [],
  },
  kraite_mark_price_age_seconds: {
    kind: 'gauge',
    help: 'Since the market stream heard a newer mark price. Marks come each second.',
    labels: ['stream'],
  },
  kraite_position_checks_total: {
    kind: 'counter',
    help: 'Positions whose check was asked for because the mark crossed one of their prices.',
    labels: [],
  },
  kraite_indicator_requests_total: {
    kind: 'counter',
    help: 'Requests to the indicator provider by HTTP status (0: no answer).',
    labels: ['status'],
  },
  kraite_store_errors_total: {
    kind: 'counter',
    help: 'Statements that failed, by the code of the error.',
    labels: ['code'],
  },
  ...FLEET_METRICS,
  kraite_egress_verified: {
    kind: 'gauge',
    help: 'Whether services outside see the node leave from its own address (1), told by its agent.',
    labels: ['node'],
  },
  kraite_egress_observed_info: {
    kind: 'gauge',
    help: 'Always 1; the label tells the address that services outside saw last.',
    labels: ['node', 'ip'],
  },
  kraite_egress_last_verified_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the address of the node was seen from outside last.',
    labels: ['node'],
  },
  kraite_egress_guard_dropped_packets_total: {
    kind: 'counter',
    help: 'Packets that would have left the node with another address than its own.',
    labels: ['node', 'reason'],
  },
  kraite_egress_rules_drift_total: {
    kind: 'counter',
    help: 'Looks at which the rules of the node were found changed by somebody else, and put right.',
    labels: ['node'],
  },
  kraite_fleet_condition: {
    kind: 'gauge',
    help: 'Whether a condition of a KraiteFleet is True (1), as the operator wrote it last.',
    labels: ['namespace', 'fleet', 'condition'],
  },
  kraite_fleet_paused: {
    kind: 'gauge',
    help: 'Whether the operator changes nothing of a fleet because somebody asked for that (1).',
    labels: ['namespace', 'fleet'],
  },
  kraite_fleet_topology_drift: {
    kind: 'gauge',
    help: 'Whether boxes of a fleet and nodes of the cluster do not fit together (1).',
    labels: ['namespace', 'fleet'],
  },
  kraite_fleet_boxes_ready: {
    kind: 'gauge',
    help: 'Boxes of a fleet that are what the object says.',
    labels: ['namespace', 'fleet'],
  },
  kraite_drain_in_flight_steps: {
    kind: 'gauge',
    help: 'Steps that run on a box which drains.',
    labels: ['namespace', 'fleet', 'box_name'],
  },
  kraite_update_started_timestamp_seconds: {
    kind: 'gauge',
    help: 'Since when boxes of a fleet are brought to what the object says; absent while none are.',
    labels: ['namespace', 'fleet'],
  },
} as const satisfies Record<string, MetricDefinition>;

type Catalogue = typeof METRICS;
export type MetricName = keyof Catalogue;
export type MetricKind = MetricDefinition['kind'];

/** The names of one kind in a catalogue. */
export type NameOfKind<
  Definitions extends Readonly<Record<string, MetricDefinition>>,
  Kind extends MetricKind,
> = {
  [Name in keyof Definitions & string]: Definitions[Name]['kind'] extends Kind ? Name : never;
}[keyof Definitions & string];
export type CounterName = NameOfKind<Catalogue, 'counter'>;
export type GaugeName = NameOfKind<Catalogue, 'gauge'>;
export type HistogramName = NameOfKind<Catalogue, 'histogram'>;

/** One value for each label of the metric, no more and no fewer. */
export type LabelsIn<
  Definitions extends Readonly<Record<string, MetricDefinition>>,
  Name extends keyof Definitions,
> = Readonly<Record<Definitions[Name]['labels'][number], string>>;
export type LabelsOf<Name extends MetricName> = LabelsIn<Catalogue, Name>;

/** Returns the catalogue as a page of documentation. */
export function renderCatalogue(): string {
  const definitions: Readonly<Record<string, MetricDefinition>> = METRICS;
  const rows = Object.entries(definitions).map(([name, { kind, labels, help }]) => {
    const labelText = labels.length === 0 ? '' : labels.map((label) => `\`${label}\``).join(' ');
    return `| \`${name}\` | ${kind} | ${labelText} | ${help} |`;
  });
  return [
    '# Metrics',
    '',
    'Shown on `/metrics` of every process, with the labels `box` and `process` added to each. Generated from',
    '`pkg/observability/catalogue.ts`; regenerate with `npx vitest run --project unit pkg/observability -u`.',
    "Node's own `process_…` and `nodejs_…` metrics (memory, CPU, event-loop lag, garbage collection) come beside them.",
    '',
    '| metric | kind | labels | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
