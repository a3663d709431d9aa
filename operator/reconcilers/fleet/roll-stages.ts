import type { Reason } from '#pkg/base';
import { isDrained, isServing, isWorker, type BoxView, type WorkloadView } from './fleet-view.ts';
import { findCondition } from './kube-fields.ts';
import type { Gate } from './skip-gates.ts';

interface Sentence {
  readonly reason: Reason;
  readonly message: string;
}

/**
 * Where a box stands on its way to what the object says.
 *
 * ```
 * waiting ──▶ draining ──▶ replacing ──▶ starting ──▶ canary ──▶ current
 *    └──────▶ emptying (its node is cordoned) ──▶ starting …
 * ```
 */
export interface Stage {
  readonly kind:
    | 'waiting'
    | 'draining'
    | 'emptying'
    | 'replacing'
    | 'starting'
    | 'canary'
    | 'current';
  /** What it waits for now. */
  readonly wait?: Sentence;
  /** Why it will not go on by itself. */
  readonly failure?: Sentence;
}

export interface StageOptions {
  readonly nowMs: number;
  readonly skipped: ReadonlySet<Gate>;
  readonly drainTimeoutMs: number;
  readonly canaryMs: number;
}

/** Returns where `box` stands, from what is seen of it alone. */
export function stageOf(box: BoxView, options: StageOptions): Stage {
  const outdated = box.workloads.filter((each) => each.isOutdated);
  const told = box.workloads.filter((each) => each.orders?.isDraining === true);
  if (box.isCordoned) return told.length === 0 ? { kind: 'waiting' } : emptyingOf(box, options);
  if (outdated.length === 0) return risingOf(box, options);
  const workers = outdated.filter((each) => isWorker(each));
  if (!workers.some((each) => each.orders?.isDraining === true)) return { kind: 'waiting' };
  return drainingOf(box, workers, options) ?? { kind: 'replacing' };
}

function emptyingOf(box: BoxView, options: StageOptions): Stage {
  const workers = box.workloads.filter((each) => isWorker(each));
  const draining = drainingOf(box, workers, options);
  if (draining !== undefined) return { ...draining, kind: 'emptying' };
  const message = `${box.box.name} is drained; its node may be emptied, and is used again after \`kubectl uncordon\``;
  return { kind: 'emptying', wait: { reason: 'BoxDraining', message } };
}

function drainingOf(
  { box }: BoxView,
  workers: readonly WorkloadView[],
  { nowMs, skipped, drainTimeoutMs }: StageOptions,
): Stage | undefined {
  const left = workers.filter((each) => !isDrained(each));
  if (left.length === 0 || skipped.has('drain')) return undefined;
  const names = left.map((each) => each.workload.name).join(', ');
  const isOverdue = left.some(
    ({ drainStartedAtMs }) =>
      drainStartedAtMs !== undefined && nowMs - drainStartedAtMs > drainTimeoutMs,
  );
  if (!isOverdue) {
    return { kind: 'draining', wait: { reason: 'DrainRunning', message: `${names} to finish` } };
  }
  const message = `${names} did not drain within update.drainTimeout: look at \`kraite steps\` of ${box.name}, or pass the gate with the annotation fleet.kraite.io/skip-gate: drain=<until>`;
  return { kind: 'draining', failure: { reason: 'DrainOverdue', message } };
}

function risingOf(box: BoxView, options: StageOptions): Stage {
  const down = options.skipped.has('ready') ? [] : box.workloads.filter((each) => !isServing(each));
  return (
    failingOf(down) ??
    // Before "not ready": a pod whose address is not proved is never ready.
    egressOf(box, options) ??
    startingOf(down) ??
    canaryOf(box, options) ?? { kind: 'current' }
  );
}

function failingOf(down: readonly WorkloadView[]): Stage | undefined {
  const failing = down.find((each) => each.failure !== undefined || isOverdue(each));
  if (failing === undefined) return undefined;
  const why = failing.failure ?? 'it did not become ready in time';
  const message = `${failing.workload.name} fails (${why}): correct the cause, or go back with \`kraite rollback\``;
  return { kind: 'starting', failure: { reason: 'PodsFailing', message } };
}

function startingOf(down: readonly WorkloadView[]): Stage | undefined {
  if (down.length === 0) return undefined;
  const names = down.map((each) => each.workload.name).join(', ');
  return { kind: 'starting', wait: { reason: 'PodsStarting', message: `${names} to be ready` } };
}

function isOverdue({ live }: WorkloadView): boolean {
  return findCondition(live, 'Progressing')?.reason === 'ProgressDeadlineExceeded';
}

function egressOf(
  { box, egress, isEgressVerified }: BoxView,
  options: StageOptions,
): Stage | undefined {
  if (isEgressVerified || options.skipped.has('egress')) return undefined;
  const expected = box.egressAddress ?? '';
  const seen = egress?.status?.observedIP;
  if (seen === undefined || seen === expected) {
    const message = `${expected} to be seen as the address of ${box.name}`;
    return { kind: 'starting', wait: { reason: 'EgressUnverified', message } };
  }
  const message = `${box.name} leaves as ${seen}, and the object says ${expected}: give the box its address back, or correct the object`;
  return { kind: 'starting', failure: { reason: 'EgressIdentityMismatch', message } };
}

function canaryOf({ workloads }: BoxView, options: StageOptions): Stage | undefined {
  const youngestMs = Math.max(0, ...workloads.map((each) => each.readySinceMs ?? 0));
  const leftMs = youngestMs + options.canaryMs - options.nowMs;
  if (leftMs <= 0 || options.skipped.has('canary')) return undefined;
  const message = `it to run for ${Math.ceil(leftMs / 1_000)} s more`;
  return { kind: 'canary', wait: { reason: 'CanaryRunning', message } };
}
