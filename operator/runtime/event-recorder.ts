import { createHash } from 'node:crypto';
import { formatInstant, toError, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { EventRecorder, KubeClient } from './client.ts';
import { isAlreadyExists } from './errors.ts';
import type { KubeObject, ResourceKind } from './kube-object.ts';
import { createTokenBucket } from './token-bucket.ts';

export const EVENT: ResourceKind = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  isNamespaced: true,
};

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'mergePatch'>;
  /** `reportingController` of the events, for example `fleet.kraite.io/kraite-operator`. */
  readonly controller: string;
  /** `reportingInstance`: which process. */
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An event that still collects repeats. */
interface Series {
  readonly name: string;
  readonly namespace: string;
  readonly startedAtMs: number;
  count: number;
  /** When a write was last begun. */
  toldAtMs: number;
  /** Resolves when the write before has ended, so that writes of one series keep their order. */
  last: Promise<void>;
  isStored: boolean;
}

/** The same reason about the same object within this time is one event with a count (KEP-383). */
const SERIES_MS = 600_000;
/** A series that goes on is told at most this often; its first repeat at once. */
const REPEAT_MS = 60_000;
/** New events of one process; what is over is only in the log. */
const RATE = { perSecond: 1, burst: 50 };
/** The API refuses longer notes (events.k8s.io/v1). */
const NOTE_LENGTH_MAX = 1_024;
const SERIES_MAX = 4_096;
/** Names have up to 253 characters; ours end in a dot and 16 more. */
const NAME_LENGTH_MAX = 236;

/** A recorder that can be waited for when its process ends. */
export interface WaitableEventRecorder extends EventRecorder {
  /** Resolves when everything that was recorded is written or given up. */
  settled(): Promise<void>;
}

/** Returns a recorder that writes behind its callers' backs, merges repeats and never fails them. */
export function createEventRecorder(options: EventRecorderOptions): WaitableEventRecorder {
  const series = new Map<string, Series>();
  const { clock, logger } = options;
  const bucket = createTokenBucket(clock, RATE);

  const forgetOld = (): void => {
    for (const [key, { startedAtMs }] of series) {
      if (clock.nowMs() - startedAtMs >= SERIES_MS) series.delete(key);
    }
    if (series.size > SERIES_MAX) series.clear();
  };

  return {
    settled: async () => {
      await Promise.all([...series.values()].map(({ last }) => last));
    },
    record: (regarding, event) => {
      const { type, reason, action } = event;
      const note = event.note.slice(0, NOTE_LENGTH_MAX);
      const key = JSON.stringify([regarding.metadata.uid, type, reason, action, note]);
      forgetOld();
      const standing = series.get(key);
      if (standing === undefined && !bucket.tryTake()) {
        logger.warn({ reason, note }, 'too many events: this one is only in the log');
        return;
      }
      const current = standing ?? newSeries(regarding, key, clock);
      series.set(key, current);
      current.count += 1;
      if (current.count > 2 && clock.nowMs() - current.toldAtMs < REPEAT_MS) return;
      current.toldAtMs = clock.nowMs();
      current.last = current.last
        .then(() => write(options, { regarding, current, event: { ...event, note } }))
        .catch((error: unknown) => {
          logger.warn({ err: toError(error), reason }, 'an event could not be written');
        });
    },
  };
}

function newSeries(regarding: KubeObject, key: string, clock: Clock): Series {
  const startedAtMs = clock.nowMs();
  const digest = createHash('sha256').update(`${key} ${startedAtMs}`).digest('hex').slice(0, 16);
  return {
    name: `${regarding.metadata.name.slice(0, NAME_LENGTH_MAX)}.${digest}`,
    // Events about cluster-scoped objects stand in `default`, as everywhere in Kubernetes.
    namespace: regarding.metadata.namespace ?? 'default',
    startedAtMs,
    count: 0,
    toldAtMs: startedAtMs,
    last: Promise.resolve(),
    isStored: false,
  };
}

async function write(
  { client, controller, instance, clock }: EventRecorderOptions,
  {
    regarding,
    current,
    event,
  }: {
    readonly regarding: KubeObject;
    readonly current: Series;
    readonly event: Parameters<EventRecorder['record']>[1];
  },
): Promise<void> {
  const { name, namespace } = current;
  const now = formatInstant(clock.nowMs()).replace(/Z$/, '000Z');
  if (current.isStored) {
    const series = { count: current.count, lastObservedTime: now };
    await client.mergePatch({ ...EVENT_TYPE, namespace, name }, { series });
    return;
  }
  const { metadata, apiVersion, kind } = regarding;
  const created = client.create({
    ...EVENT_TYPE,
    metadata: { namespace, name },
    eventTime: now,
    reportingController: controller,
    reportingInstance: instance,
    type: event.type,
    reason: event.reason,
    action: event.action,
    note: event.note,
    regarding: {
      apiVersion,
      kind,
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
    },
  });
  try {
    await created;
  } catch (error) {
    // Its reply was lost the first time; the name is ours alone.
    if (!isAlreadyExists(error)) throw error;
  }
  current.isStored = true;
}

const EVENT_TYPE = { apiVersion: EVENT.apiVersion, kind: EVENT.kind } as const;
