import { formatInstant } from '#pkg/base';
import { OPEN_POSITION_STATUSES } from '#pkg/domain';
import { describeScope, listHolds, type Hold } from '#pkg/holds';
import { readHalts, readHealth, readMode } from '#pkg/modes';
import { readEngineWaits } from '#pkg/steps';
import { believedStates, USER_STREAM_LEASE } from '#pkg/store';
import { formatTable } from '../format/table.ts';
import { formatAge } from '../format/words.ts';
import { describeModeView, modeView, type ModeView } from './mode.ts';
import { boxRows, BOXES_VIEW, type BoxRow } from './boxes.ts';
import { liveWorkers } from './live-workers.ts';
import type { ReadingSources } from './view.ts';

/** The fleet as a whole. */
export interface StatusView {
  readonly fleet: string;
  readonly uid: string;
  readonly mode: string;
  readonly phase: string;
  readonly uptimeMs: number;
  readonly readyMs: number | null;
  readonly seed: number;
  readonly sites: Readonly<Record<string, string>>;
  readonly boxes: readonly BoxRow[];
  readonly positions: {
    readonly open: number;
    readonly byStatus: Readonly<Record<string, number>>;
  };
  readonly steps: { readonly ready: number; readonly running: number; readonly delayed: number };
  /** Accounts whose events are complete, why those of others are not, and frames that wait to be stored. */
  readonly streams: {
    readonly accounts: number;
    readonly complete: number;
    readonly incomplete: Readonly<Record<string, number>>;
    readonly deadLetters: number;
  };
  /** What the last look found: signals that are told, and guards that halt every opening. */
  readonly health: {
    readonly lookedAgoMs: number | null;
    readonly unwell: readonly string[];
    readonly halts: readonly string[];
  };
  /** What the fleet lets happen now; what a mode holds says its reason. */
  readonly operation: ModeView;
  /** What is paused or held, by whom, until when and why. */
  readonly holds: readonly (Omit<Hold, 'scope'> & { readonly scope: string })[];
  /** Reason words with how many positions, steps and workflows wait for each. */
  readonly waits: Readonly<Record<string, number>>;
}

const DELAYED_READ = 500;

export async function readStatusView(sources: ReadingSources): Promise<StatusView> {
  const { reader, status, nowMs } = sources;
  const { store } = reader;
  const [
    holds,
    accounts,
    streams,
    halts,
    health,
    mode,
    engine,
    workers,
    positions,
    counts,
    delayed,
  ] = await Promise.all([
    listHolds(store.settings, nowMs),
    store.accounts.list(),
    readStreams(sources),
    readHalts(store.settings),
    readHealth(store.settings),
    readMode(store.settings, nowMs),
    readEngineWaits(store, reader.queueTrouble),
    store.workers.list(),
    store.positions.listOpen(),
    store.steps.countByLane(),
    store.steps.listDelayed(DELAYED_READ),
  ]);
  const count = (state: string): number =>
    counts.filter((each) => each.state === state).reduce((sum, each) => sum + each.count, 0);
  const open = positions.filter((position) => OPEN_POSITION_STATUSES.includes(position.status));
  return {
    fleet: status.fleet,
    uid: status.uid,
    mode: status.mode,
    phase: status.phase,
    uptimeMs: Math.max(0, Math.round(nowMs - status.startedAtMs)),
    readyMs: status.readyMs ?? null,
    seed: status.seed,
    sites: Object.fromEntries(status.sites.map(({ name, url }) => [name, url])),
    boxes: boxRows(status.boxes, liveWorkers(workers)),
    positions: { open: open.length, byStatus: tally(open.map((position) => position.status)) },
    steps: { ready: count('ready'), running: count('running'), delayed: count('delayed') },
    streams,
    health: {
      lookedAgoMs: health === undefined ? null : Math.max(0, nowMs - health.lookedAtMs),
      unwell: (health?.states ?? [])
        .filter(({ isTold }) => isTold)
        .map(({ signal, message }) => `${signal}: ${message}`),
      halts: halts.map(({ owner, why }) => `${owner}: ${why}`),
    },
    operation: modeView(mode, nowMs),
    holds: holds.map((hold) => ({
      ...hold,
      scope: describeScope(
        hold.scope,
        (accountId) => accounts.find(({ id }) => id === accountId)?.name ?? accountId,
      ),
    })),
    waits: addCounts(
      tally([...open, ...delayed].flatMap(({ reason }) => (reason === undefined ? [] : [reason]))),
      engine.waits,
    ),
  };
}

async function readStreams({ reader }: ReadingSources): Promise<StatusView['streams']> {
  const { accounts, accountStreams, leases } = reader.store;
  const [listed, rows, lease] = await Promise.all([
    accounts.list(),
    accountStreams.list(),
    leases.find(USER_STREAM_LEASE),
  ]);
  const ids = listed.map((account) => account.id);
  const states = believedStates(ids, rows, lease);
  const reasons = states.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  return {
    accounts: states.length,
    complete: states.length - reasons.length,
    incomplete: tally(reasons),
    deadLetters: states.reduce((sum, { deadLetters }) => sum + deadLetters, 0),
  };
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function addCounts(
  counts: Readonly<Record<string, number>>,
  more: readonly { readonly reason: string; readonly count: number }[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = { ...counts };
  for (const { reason, count } of more) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}

/** Returns the status as text for people. */
export function describeStatus(view: StatusView): string {
  const readyBoxes = view.boxes.filter(({ state }) => state === 'ready').length;
  const sites = Object.entries(view.sites).map(([name, url]) => `${name} ${url}`);
  const { positions, steps, streams } = view;
  const lines = [
    `Fleet      ${view.fleet} (${view.mode}, ${view.phase}) up ${formatAge(view.uptimeMs)}`,
    `Sites      ${sites.join('   ')}`,
    `Boxes      ${readyBoxes} of ${view.boxes.length} ready`,
    `Positions  ${positions.open} open${listed(positions.byStatus)}`,
    `Streams    ${describeStreams(streams)}`,
    `Steps      ${steps.running} running, ${steps.ready} ready, ${steps.delayed} delayed`,
  ];
  if (view.operation.mode !== 'normal') {
    lines.push(`Mode       ${describeModeView(view.operation)}`);
  }
  for (const halt of view.health.halts) lines.push(`Halted     openings, by ${halt}`);
  for (const line of view.health.unwell) lines.push(`Unwell     ${line}`);
  for (const { scope, reason, owner, why, sinceMs, untilMs } of view.holds) {
    const end = untilMs === undefined ? '' : ` until ${formatInstant(untilMs)}`;
    lines.push(
      `Held       ${scope}: ${reason} by ${owner} since ${formatInstant(sinceMs)}${end}: ${why}`,
    );
  }
  if (Object.keys(view.waits).length > 0) lines.push(`Waits     ${listed(view.waits)}`);
  return [...lines, '', ...formatTable(BOXES_VIEW.columns, view.boxes, { isWide: false })].join(
    '\n',
  );
}

function describeStreams(streams: StatusView['streams']): string {
  const { accounts, complete, incomplete, deadLetters } = streams;
  const letters = deadLetters === 0 ? '' : `, ${deadLetters} frames wait to be stored`;
  return `${complete} of ${accounts} accounts complete${listed(incomplete)}${letters}`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([word, count]) => `${count} ${word}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
