import { OPEN_POSITION_STATUSES } from '#pkg/domain';
import { formatTable } from '../format/table.ts';
import { formatAge } from '../format/words.ts';
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
  /** Reason words with how many positions and steps wait for each. */
  readonly waits: Readonly<Record<string, number>>;
}

const DELAYED_READ = 500;

export async function readStatusView(sources: ReadingSources): Promise<StatusView> {
  const { reader, status, nowMs } = sources;
  const { store } = reader;
  const [workers, positions, counts, delayed] = await Promise.all([
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
    waits: tally(
      [...open, ...delayed].flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    ),
  };
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Returns the status as text for people. */
export function describeStatus(view: StatusView): string {
  const readyBoxes = view.boxes.filter(({ state }) => state === 'ready').length;
  const sites = Object.entries(view.sites).map(([name, url]) => `${name} ${url}`);
  const { positions, steps } = view;
  const lines = [
    `Fleet      ${view.fleet} (${view.mode}, ${view.phase}) up ${formatAge(view.uptimeMs)}`,
    `Sites      ${sites.join('   ')}`,
    `Boxes      ${readyBoxes} of ${view.boxes.length} ready`,
    `Positions  ${positions.open} open${listed(positions.byStatus)}`,
    `Steps      ${steps.running} running, ${steps.ready} ready, ${steps.delayed} delayed`,
  ];
  if (Object.keys(view.waits).length > 0) lines.push(`Waits     ${listed(view.waits)}`);
  return [...lines, '', ...formatTable(BOXES_VIEW.columns, view.boxes, { isWide: false })].join(
    '\n',
  );
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([word, count]) => `${count} ${word}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
