import type { Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import {
  KRAITE_FLEET,
  KRAITE_NODE_EGRESS,
  KRAITE_WORKER_POOL,
  readFleetObject,
  type FleetObject,
} from '#operator/api';
import { createFleetContext, KINDS, makeCredentials, type FleetContext } from '#operator/resources';
import type {
  Cache,
  ControllerOptions,
  EventRecorder,
  KubeClient,
  ObjectRef,
  Reconciler,
  Request,
  Result,
} from '#operator/runtime';
import type { ProcessReader } from '../processes/process-reader.ts';
import { buildDesired, type Desired } from './desired.ts';
import type { FleetGauges } from './fleet-gauges.ts';
import { everyFleet, fleetOfEgress, fleetOfLabel, fleetsOfNode, observeFleet } from './observe.ts';
import type { Observed } from './observed.ts';
import type { Operation, OperationsPlan } from './operations.ts';
import {
  createPerformer,
  inParallel,
  targetOf,
  UNSEEN_MS,
  type PerformedOperations,
  type Performer,
} from './perform.ts';
import type { ClusterSettings } from './plan-egress.ts';
import { planOperations } from './plan-operations.ts';
import type { Refusal } from './plan-roll.ts';
import { KEPT_KINDS, OWNED_KINDS, SHARED_KINDS } from './watched-kinds.ts';
import { createStatusWriter } from './write-status.ts';

export interface FleetReconcilerDependencies {
  readonly cache: Cache;
  readonly client: KubeClient;
  readonly recorder: EventRecorder;
  readonly processes: ProcessReader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gauges: FleetGauges;
  readonly settings: ClusterSettings;
  /** Fit for keys (node:crypto's is). */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly namespaces: Pick<FleetContext, 'systemNamespace' | 'monitoringNamespace'>;
}

const CONTROLLER = 'kraitefleet';
/** Pods of a fleet in motion are asked about once a second, others now and then. */
const ASK_MOVING_MS = 900;
const ASK_SETTLED_MS = 15_000;
const MOVING_MS_MAX = 5_000;

/** Returns the controller of KraiteFleets: what it watches, and what it does about a change. */
export function createFleetController(
  dependencies: FleetReconcilerDependencies,
): ControllerOptions {
  return {
    name: CONTROLLER,
    watched: KRAITE_FLEET,
    owned: [KRAITE_WORKER_POOL, ...OWNED_KINDS.filter((kind) => kind !== KRAITE_WORKER_POOL)],
    mapped: [
      ...[KINDS.Pod, ...KEPT_KINDS].map((kind) => ({ kind, toRequests: fleetOfLabel })),
      ...SHARED_KINDS.map((kind) => ({ kind, toRequests: everyFleet })),
      { kind: KINDS.Node, toRequests: fleetsOfNode },
      { kind: KRAITE_NODE_EGRESS, toRequests: fleetOfEgress },
    ],
    concurrency: 2,
    reconciler: new FleetReconciler(dependencies),
  };
}

/** Observe, plan, apply, report. */
class FleetReconciler implements Reconciler {
  readonly #dependencies: FleetReconcilerDependencies;
  readonly #statuses;
  readonly #desired = new Map<string, { readonly fleet: string; readonly desired: Desired }>();
  readonly #pace = new Map<string, number>();
  readonly #performers = new Map<string, Performer>();

  constructor(dependencies: FleetReconcilerDependencies) {
    this.#dependencies = dependencies;
    this.#statuses = createStatusWriter(dependencies.client);
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<Result> {
    const { cache, clock, gauges } = this.#dependencies;
    const key = `${request.namespace}/${request.name}`;
    const cached = cache.find(KRAITE_FLEET, request);
    if (cached === undefined) {
      this.#desired.delete(key);
      this.#pace.delete(key);
      this.#performers.delete(key);
      gauges.forget(request);
      return { kind: 'settled' };
    }
    const nowMs = clock.nowMs();
    const fleet = this.#statuses.recall(readFleetObject(cached), nowMs);
    const observed = this.#observe(fleet, nowMs, key);
    const desired = this.#desiredOf(key, fleet);
    const plan = planOperations(desired, observed, this.#dependencies.settings);
    const { refusals, unseen } = await this.#perform(plan, observed, { key, signal });
    const refusal = refusals.length === 0 ? undefined : summarize(refusals);
    const shown =
      refusal === undefined
        ? plan
        : planOperations(desired, { ...observed, refusal }, this.#dependencies.settings);
    await this.#report(shown, observed, signal);
    this.#pace.set(key, plan.checkAgainAfterMs);
    gauges.show(request, fleet, shown.status);
    // Everything else was written; this is tried again with back-off.
    if (refusal !== undefined) throw new Error(refusal.message);
    const afterMs = plan.checkAgainAfterMs;
    return { kind: 'checkAgain', afterMs: unseen > 0 ? Math.min(afterMs, UNSEEN_MS) : afterMs };
  }

  #observe(fleet: FleetObject, nowMs: number, key: string): Observed {
    const { cache, processes } = this.#dependencies;
    const seen = observeFleet(cache, fleet, nowMs);
    const isMoving = (this.#pace.get(key) ?? 0) < MOVING_MS_MAX;
    const facts = processes.read(seen.pods, isMoving ? ASK_MOVING_MS : ASK_SETTLED_MS);
    return { ...seen, facts };
  }

  /** Manifests follow from the object, so they are built once for each generation of it. */
  #desiredOf(key: string, fleet: FleetObject): Desired {
    const version = `${fleet.metadata.uid} ${fleet.metadata.generation}`;
    const known = this.#desired.get(key);
    if (known?.fleet === version) return known.desired;
    const { namespaces, randomBytes } = this.#dependencies;
    const desired = buildDesired(
      createFleetContext(fleet, namespaces),
      makeCredentials(randomBytes),
    );
    this.#desired.set(key, { fleet: version, desired });
    return desired;
  }

  async #perform(
    plan: OperationsPlan,
    observed: Observed,
    { key, signal }: { readonly key: string; readonly signal: AbortSignal },
  ): Promise<PerformedOperations> {
    const { client, recorder, logger } = this.#dependencies;
    const { fleet, nowMs } = observed;
    const versionOf = versionsOf(observed);
    const performer = this.#performers.get(key) ?? createPerformer();
    this.#performers.set(key, performer);
    const performed = await performer.perform(plan.operations, {
      client,
      nowMs,
      signal,
      versionOf,
    });
    if (performed.written > 0) {
      logger.info(
        {
          fleet: fleet.metadata.name,
          written: performed.written,
          phase: plan.status.phase,
          first: describeOperation(plan.operations[0]),
        },
        'objects written',
      );
    }
    for (const { ref, message } of performed.refusals) {
      recorder.record(fleet, {
        type: 'Warning',
        reason: 'WriteRefused',
        action: 'Apply',
        note: `${ref.kind} ${ref.name}: ${message}`,
      });
    }
    return performed;
  }

  /** After the operations: the finalizer's patch names the version of the object that was seen. */
  async #report(plan: OperationsPlan, observed: Observed, signal: AbortSignal): Promise<void> {
    const { fleet, nowMs } = observed;
    for (const each of plan.notices) this.#dependencies.recorder.record(fleet, each);
    await this.#statuses.write(fleet, plan.status, { nowMs, signal });
    const pools = new Map(
      observed.objects
        .filter(({ kind }) => kind === KRAITE_WORKER_POOL.kind)
        .map((pool) => [pool.metadata.name, pool]),
    );
    await inParallel(plan.poolStatuses, async ({ name, status }) => {
      const pool = pools.get(name);
      if (pool !== undefined) await this.#statuses.writePool(pool, status, { nowMs, signal });
    });
  }
}

function describeOperation(operation: Operation | undefined): string | undefined {
  if (operation === undefined) return undefined;
  const { kind, name } = targetOf(operation);
  return `${operation.kind} ${kind}/${name}`;
}

function versionsOf(observed: Observed): (ref: ObjectRef) => string | undefined {
  const { fleet, objects, pods, nodes, nodeEgresses } = observed;
  const versions = new Map(
    [fleet, ...objects, ...pods, ...nodes, ...nodeEgresses].map(({ kind, metadata }) => [
      `${kind}/${metadata.name}`,
      metadata.resourceVersion,
    ]),
  );
  return ({ kind, name }) => versions.get(`${kind}/${name}`);
}

/** Nothing that the object asks for goes past a refusal by itself, so it shows as what the fleet is stalled by. */
function summarize(refusals: PerformedOperations['refusals']): Refusal {
  const [first] = refusals;
  const more = refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : '';
  const message = `the API server refuses ${first?.ref.kind} ${first?.ref.name}: ${first?.message}${more}`;
  return { reason: 'WriteRefused', message };
}
