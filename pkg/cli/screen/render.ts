import { formatAge, formatClock } from '../format/words.ts';
import { renderBoxes } from './boxes.ts';
import type { Glyphs } from './glyphs.ts';
import { cutLine, fit, lineWidth, paintLine, span, type Line } from './line.ts';
import type { ScreenEvent, ScreenModel } from './model.ts';
import { renderPositions } from './positions.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ScreenLook extends ScreenSize {
  readonly glyphs: Glyphs;
  readonly hasColour: boolean;
}

const COLUMNS_MIN = 60;
const ROWS_MIN = 14;
/** Events never get fewer lines than this while there are positions to show. */
const EVENT_LINES_MIN = 3;
/** Two empty lines and the headings of positions and events. */
const FRAME_LINES = 5;
const EMPTY: Line = [];

/** Returns the lines of the live screen: at most `rows`, none wider than `columns`. Pure. */
export function renderScreen(model: ScreenModel, look: ScreenLook): readonly string[] {
  const { columns, rows } = look;
  if (columns < COLUMNS_MIN || rows < ROWS_MIN) {
    return [fit(`kraite ${model.phase}; this terminal is too small to show it`, columns).trimEnd()];
  }
  const top = [...renderHeader(model, look), EMPTY, ...renderBoxes(model.boxes, look)];
  const footer = renderFooter(model);
  const free = rows - top.length - 1;
  const events = Math.max(EVENT_LINES_MIN, free - positionLines(model) - FRAME_LINES);
  const positions = renderPositions(model, look, Math.max(1, free - events - FRAME_LINES));
  const middle = [EMPTY, ...positions, EMPTY, ...renderEvents(model.events, events)];
  const body = [...top, ...middle].slice(0, rows - 1);
  const padding = Array.from({ length: rows - 1 - body.length }, () => EMPTY);
  return [...body, ...padding, footer].map((line) => paintLine(cutLine(line, columns), look));
}

function positionLines({ positions }: ScreenModel): number {
  return Math.max(1, positions.length);
}

function renderHeader(model: ScreenModel, look: ScreenLook): readonly Line[] {
  const { dot } = look.glyphs;
  const rest = model.remainingMs === undefined ? '' : `, ${formatAge(model.remainingMs)} to go`;
  const state = `${model.phase} for ${formatAge(model.uptimeMs)}${rest}`;
  const left: Line = [
    span(' KRAITE ', 'bold'),
    span(` ${model.fleet} ${dot} `),
    span(describeMode(model.mode), model.mode === 'live' ? 'bad' : 'good'),
    span(` ${dot} `),
    span(state, model.phase === 'running' ? 'plain' : 'warn'),
  ];
  return [left, renderSites(model, look)];
}

/** Whole addresses where they fit, else without the scheme. */
function renderSites({ sites }: ScreenModel, look: ScreenLook): Line {
  const draw = (shorten: (url: string) => string): Line => [
    span(' '),
    ...sites.flatMap(({ name, url }) => [span(name, 'dim'), span(` ${shorten(url)}   `, 'accent')]),
  ];
  const whole = draw((url) => url);
  if (lineWidth(whole) - TRAILING_BLANKS <= look.columns) return whole;
  return draw((url) => url.replace(/^https?:\/\//, ''));
}

const TRAILING_BLANKS = 3;

function describeMode(mode: string): string {
  switch (mode) {
    case 'simulated':
      return 'simulated exchange, no real money';
    case 'testnet':
      return 'test network, no real money';
    default:
      return 'LIVE: REAL MONEY';
  }
}

function renderEvents(events: readonly ScreenEvent[], count: number): readonly Line[] {
  const shown = events.slice(-count);
  const title: Line = [span(' LAST EVENTS', 'bold')];
  if (shown.length === 0) return [title, [span(' nothing yet', 'dim')]];
  return [title, ...shown.toReversed().map(renderEvent)];
}

function renderEvent(event: ScreenEvent): Line {
  const reason: Line = event.reason === undefined ? [] : [span(` (${event.reason})`, 'dim')];
  return [
    span(` ${formatClock(event.atMs)}  `, 'dim'),
    span(event.message, isTrouble(event.kind) ? 'warn' : 'plain'),
    ...reason,
  ];
}

function isTrouble(kind: string): boolean {
  return /Killed|Crashed|Failed|Lost|TimedOut|Stopped$/.test(kind);
}

function renderFooter(model: ScreenModel): Line {
  if (model.phase === 'running') {
    return [span(' Ctrl-C', 'bold'), span(' drains and stops, twice stops at once', 'dim')];
  }
  const waits = model.waitsFor === undefined ? '' : `, ${model.waitsFor}`;
  return [
    span(' Ctrl-C', 'bold'),
    span(' stops at once', 'dim'),
    span(`   ${model.phase}${waits}`, 'warn'),
  ];
}
