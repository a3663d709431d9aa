import type { FleetObject, FleetStatus } from '#operator/api';
import { formatTable } from '../format/table.ts';
import type { AskedCluster } from './errors.ts';
import { clusterBoxRows, CLUSTER_BOXES_VIEW, type ClusterBoxRow } from './views.ts';

type Conditions = NonNullable<FleetStatus['conditions']>;
type Plan = NonNullable<FleetStatus['plan']>;

/** The fleet in a cluster as a whole. */
export interface ClusterStatusView {
  readonly fleet: string;
  readonly namespace: string;
  readonly context: string;
  readonly mode: string;
  readonly phase: string;
  readonly message: string | null;
  readonly isPaused: boolean;
  readonly version: string | null;
  readonly wantedVersion: string;
  readonly generation: number;
  /** −1 while no operator has looked at the object. */
  readonly observedGeneration: number;
  readonly lastGoodGeneration: number | null;
  readonly summary: NonNullable<FleetStatus['summary']> | null;
  readonly boxes: readonly ClusterBoxRow[];
  readonly plan: Plan;
  readonly conditions: Conditions;
}

export function clusterStatusView(
  fleet: FleetObject,
  { context, namespace }: AskedCluster,
): ClusterStatusView {
  const { metadata, spec, status } = fleet;
  return {
    fleet: metadata.name,
    namespace: metadata.namespace ?? namespace,
    context,
    mode: spec.exchange.mode,
    phase: status?.phase ?? 'Pending',
    message: status?.message ?? null,
    isPaused: spec.paused,
    version: status?.version ?? null,
    wantedVersion: spec.version,
    generation: metadata.generation ?? 1,
    observedGeneration: status?.observedGeneration ?? -1,
    lastGoodGeneration: status?.lastGoodGeneration ?? null,
    summary: status?.summary ?? null,
    boxes: clusterBoxRows(fleet),
    plan: status?.plan ?? [],
    conditions: status?.conditions ?? [],
  };
}

/** Conditions that are bad news when they are True; all others are when they are False. */
const ABNORMAL = new Set(['Reconciling', 'Stalled', 'UpdateInProgress', 'Paused', 'Drained']);

/** Returns the status as text for people: what it is, what the operator does next, what is wrong. */
export function describeClusterStatus(view: ClusterStatusView): string {
  const readyBoxes = view.boxes.filter(({ isReady }) => isReady).length;
  const lines = [
    `Fleet      ${view.fleet} in namespace ${view.namespace} (context ${view.context}, ${view.mode}): ${view.phase}`,
    ...(view.message === null ? [] : [`           ${view.message}`]),
    `Version    ${describeVersion(view)}`,
    `Object     ${describeGeneration(view)}`,
    `Boxes      ${readyBoxes} of ${view.boxes.length} ready${describeSummary(view)}`,
    ...view.plan.map(describePlanEntry),
    ...view.conditions.flatMap(describeTrouble),
  ];
  return [
    ...lines,
    '',
    ...formatTable(CLUSTER_BOXES_VIEW.columns, view.boxes, { isWide: false }),
  ].join('\n');
}

function describeVersion({ version, wantedVersion }: ClusterStatusView): string {
  if (version === wantedVersion) return version;
  return `${version ?? 'not the same on all boxes'}, wanted ${wantedVersion}`;
}

function describeGeneration(view: ClusterStatusView): string {
  const { generation, observedGeneration, isPaused } = view;
  if (observedGeneration < 0) {
    return 'no operator has looked at it yet: is kraite-operator installed, and does it watch this namespace?';
  }
  const paused = isPaused ? '; paused: the operator changes nothing' : '';
  return observedGeneration === generation
    ? `generation ${generation}, seen by the operator${paused}`
    : `generation ${generation}; the operator has seen ${observedGeneration}${paused}`;
}

function describeSummary({ summary }: ClusterStatusView): string {
  if (summary === null) return '';
  const { core, brain, workers, egress } = summary;
  return ` (core ${core}, brain ${brain}, workers ${workers}, egress ${egress})`;
}

function describePlanEntry({ action, waitsFor, reason }: Plan[number], index: number): string {
  const head = index === 0 ? 'Next      ' : '          ';
  const why = reason === undefined ? '' : ` (${reason})`;
  return `${head} ${action}${waitsFor === undefined ? '' : `, waits for ${waitsFor}`}${why}`;
}

function describeTrouble({ type, status, reason, message }: Conditions[number]): readonly string[] {
  const isGood = ABNORMAL.has(type) ? status === 'False' : status === 'True';
  return isGood ? [] : [`${type.padEnd(10)} ${status}: ${reason}: ${message}`];
}
