import type { FleetEvent } from '#pkg/store';

import type { NotificationDefinition } from './catalogue.ts';
import { SEVERITIES } from './catalogue.ts';
import type { Channel } from './channel.ts';

/** What is remembered between two looks. */
export interface NotifyState {
  /** The newest event that was looked at. */
  readonly sequence: number;
  /** When each kind was last told of each thing. */
  readonly toldAtMs: Readonly<Record<string, number>>;
  /** When kinds with a threshold were seen since they were last told. */
  readonly seenAtMs: Readonly<Record<string, readonly number[]>>;
}

/** One notification for one channel. */
export interface Delivery {
  readonly channel: string;
  readonly sequence: number;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly message: string;
  readonly atMs: number;
}

/** Nothing is remembered for longer than the longest throttle and window. */
const REMEMBER_MS = 24 * 3_600_000;

/** Returns what is to be told where, and what to remember. Pure. */
export function planNotifications(
  catalogue: Readonly<Record<string, NotificationDefinition>>,
  channels: readonly Channel[],
  state: NotifyState,
  events: readonly FleetEvent[],
): { readonly deliveries: readonly Delivery[]; readonly state: NotifyState } {
  const told = new Map(Object.entries(state.toldAtMs));
  const seen = new Map(Object.entries(state.seenAtMs));
  const deliveries: Delivery[] = [];
  for (const event of events) {
    const definition = catalogue[event.kind];
    if (definition === undefined) continue;
    if (!isEarned(definition, seen, event)) continue;
    const key = `${event.kind} ${subjectOf(event)}`;
    const toldAtMs = told.get(key);
    if (toldAtMs !== undefined && event.atMs - toldAtMs < definition.throttleMs) continue;
    told.set(key, event.atMs);
    seen.delete(event.kind);
    const { title, severity } = definition;
    for (const channel of channels.filter((each) => listens(each, definition))) {
      deliveries.push({
        channel: channel.name,
        sequence: event.sequence,
        kind: event.kind,
        severity,
        title,
        message: event.message,
        atMs: event.atMs,
      });
    }
  }
  const newestMs = events.at(-1)?.atMs ?? 0;
  return {
    deliveries,
    state: {
      sequence: events.at(-1)?.sequence ?? state.sequence,
      toldAtMs: Object.fromEntries([...told].filter(([, atMs]) => newestMs - atMs < REMEMBER_MS)),
      seenAtMs: Object.fromEntries(seen),
    },
  };
}

/** True when the kind has no threshold, or was seen often enough. */
function isEarned(
  { threshold }: NotificationDefinition,
  seen: Map<string, readonly number[]>,
  { kind, atMs }: FleetEvent,
): boolean {
  if (threshold === undefined) return true;
  const times = [...(seen.get(kind) ?? []), atMs].filter(
    (timeMs) => atMs - timeMs < threshold.withinMs,
  );
  seen.set(kind, times);
  return times.length >= threshold.count;
}

/** What a throttle counts apart: the position, else the account, symbol or box, else the sentence itself. */
function subjectOf({ positionId, accountId, symbol, box, kind, message }: FleetEvent): string {
  const isOfFleet = kind.startsWith('Health') || kind.startsWith('Openings');
  return (
    positionId ?? accountId ?? symbol ?? (isOfFleet ? message.split(':', 1)[0] : box) ?? message
  );
}

function listens(channel: Channel, { audience, severity }: NotificationDefinition): boolean {
  const isHeard = channel.audience === 'both' || channel.audience === audience;
  return isHeard && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(channel.severityMin);
}
