import type { Glyphs } from './glyphs.ts';
import { fit, lineWidth, span, type Line, type Style } from './line.ts';
import type { ScreenBox, ScreenLane } from './model.ts';

interface BoxLook {
  readonly columns: number;
  readonly glyphs: Glyphs;
}

const WIDTHS = { name: 9, role: 11, state: 9, address: 14 };
/** `4%` where there is little room, `96/2400` where there is some. */
const BUDGET_WIDTH = { narrow: 6, wide: 10 };
/** More slots than this are shown as numbers. */
const BAR_SLOTS_MAX = 12;
const WIDE_COLUMNS = 120;
const SHORT_NAMES: Readonly<Record<string, string>> = {
  positions: 'pos',
  orders: 'ord',
  priority: 'pri',
  'user-data-stream': 'user',
  indicators: 'ind',
  cronjobs: 'cron',
};

/** Returns one line for each box under a heading: role, state, address, what of its budget is used, lanes. */
export function renderBoxes(boxes: readonly ScreenBox[], look: BoxLook): readonly Line[] {
  const isWide = look.columns >= WIDE_COLUMNS;
  const heading = [
    ` ${fit('BOX', WIDTHS.name)}`,
    fit('ROLE', WIDTHS.role),
    fit('STATE', WIDTHS.state),
    fit('LEAVES FROM', WIDTHS.address),
    fit('BUDGET', isWide ? BUDGET_WIDTH.wide : BUDGET_WIDTH.narrow, 'right'),
    '  LANES (busy slots)',
  ];
  return [[span(heading.join(''), 'bold')], ...boxes.map((box) => renderBox(box, look))];
}

function renderBox(box: ScreenBox, look: BoxLook): Line {
  const head: Line = [
    span(` ${fit(box.name, WIDTHS.name)}`, 'bold'),
    span(fit(box.role, WIDTHS.role)),
    span(fit(box.state, WIDTHS.state), styleOfState(box.state)),
    span(fit(box.address ?? '', WIDTHS.address)),
    renderBudget(box.budget, look.columns >= WIDE_COLUMNS),
    span('  '),
  ];
  if (box.state !== 'ready' && box.reason !== undefined) return [...head, span(box.reason, 'warn')];
  const reason: Line = box.reason === undefined ? [] : [span(`${box.reason} `, 'warn')];
  const left = look.columns - lineWidth(head) - lineWidth(reason);
  return [...head, ...reason, ...renderLanes(box.lanes, look, left)];
}

function renderBudget(budget: ScreenBox['budget'], isWide: boolean): Line[number] {
  const width = isWide ? BUDGET_WIDTH.wide : BUDGET_WIDTH.narrow;
  if (budget === undefined) return span(' '.repeat(width));
  const share = budget.max === 0 ? 0 : budget.used / budget.max;
  const style: Style = share >= 0.9 ? 'bad' : share >= 0.6 ? 'warn' : 'plain';
  const text = isWide ? `${budget.used}/${budget.max}` : `${Math.ceil(share * 100)}%`;
  return span(fit(text, width, 'right'), style);
}

function styleOfState(state: string): Style {
  if (state === 'ready') return 'good';
  return state === 'killed' || state === 'degraded' ? 'bad' : 'warn';
}

/** Leaves lanes out from the end when the line is too short: `own` is the last and the least interesting. */
function renderLanes(lanes: readonly ScreenLane[], look: BoxLook, width: number): Line {
  const isWide = look.columns >= WIDE_COLUMNS;
  const kept: Line[] = [];
  let left = width;
  for (const lane of lanes) {
    const drawn = renderLane(lane, isWide, look.glyphs);
    const needed = lineWidth(drawn) + (kept.length === 0 ? 0 : 1);
    if (needed > left) break;
    kept.push(kept.length === 0 ? drawn : [span(' '), ...drawn]);
    left -= needed;
  }
  return kept.flat();
}

function renderLane(lane: ScreenLane, isWide: boolean, glyphs: Glyphs): Line {
  const { slots, busy } = lane;
  const name = isWide ? `${lane.name} ` : (SHORT_NAMES[lane.name] ?? lane.name);
  if (slots > BAR_SLOTS_MAX) return [span(name, 'dim'), span(`${busy}/${slots}`)];
  const filled = Math.min(busy, slots);
  return [
    span(name, 'dim'),
    span(glyphs.busy.repeat(filled), 'accent'),
    span(glyphs.free.repeat(slots - filled), 'dim'),
    ...(isWide ? [span(` ${busy}/${slots} `, 'dim')] : []),
  ];
}
