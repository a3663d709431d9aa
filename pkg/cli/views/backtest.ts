import {
  ENDED,
  type BacktestFigures,
  type LadderSetup,
  type StartOutcomes,
  type Verdict,
} from '#pkg/backtest';
import { formatInstant } from '#pkg/base';
import { formatTable, type Column } from '../format/table.ts';

export type SideReport = { readonly setup: LadderSetup } & Verdict;

export interface BacktestReport {
  readonly symbol: string;
  readonly candles: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly hoursAbsent: number;
  readonly sides: readonly SideReport[];
}

interface Plotted {
  readonly closes: Float64Array;
  /** Of each side, in the order of the report. */
  readonly outcomes: readonly StartOutcomes[];
}

const PLOT_COLUMNS = 72;
const HEIGHTS = '▁▂▃▄▅▆▇█';

/** Returns the report as text: the price, for each side its verdict, where starts were stopped, and the figures. */
export function describeBacktest(report: BacktestReport, plotted: Plotted): string {
  const { symbol, candles, fromMs, untilMs, sides } = report;
  const dayOf = (atMs: number) => formatInstant(atMs).slice(0, 10);
  return [
    `${symbol}  ${candles} hourly candles from ${dayOf(fromMs)} to ${dayOf(untilMs)}`,
    '',
    `price    ${plotPrices(plotted.closes)}`,
    ...sides.map(
      ({ setup }, index) =>
        `${setup.direction.padEnd(7)}✕ ${plotStops(plotted.outcomes[index]?.ended ?? new Uint8Array())}`,
    ),
    '         share of the starts of that time that were stopped: · none, █ all',
    ...sides.flatMap((side) => ['', ...describeSide(side)]),
    '',
    ...formatTable(COLUMNS, rowsOf(sides), { isWide: false }),
  ].join('\n');
}

function describeSide({ setup, kind, message, suggestion, notes }: SideReport): string[] {
  const { gapPercent, profitPercent, stopPercent, multipliers } = setup;
  return [
    `${setup.direction}: ${kind.toUpperCase()}  gap ${gapPercent} %, rungs ${multipliers.map((factor) => `×${factor}`).join(' ')}, profit ${profitPercent} %, stop ${stopPercent} %`,
    `  ${message}`,
    ...(suggestion === undefined
      ? []
      : [`  Approved: gap ${suggestion.gapPercent} %, profit ${suggestion.profitPercent} %.`]),
    ...notes.map((note) => `  note: ${note}`),
  ];
}

interface FigureRow {
  readonly side: string;
  readonly figures: BacktestFigures;
}

function rowsOf(sides: readonly SideReport[]): readonly FigureRow[] {
  return sides.flatMap(({ setup, figures, suggestion }) => [
    { side: setup.direction, figures },
    ...(suggestion === undefined
      ? []
      : [{ side: `${setup.direction}, adjusted`, figures: suggestion.figures }]),
  ]);
}

const COLUMNS: readonly Column<FigureRow>[] = [
  { header: 'SIDE', value: ({ side }) => side },
  count('STARTS', ({ starts }) => starts),
  count('PROFITS', ({ profits }) => profits),
  count('STOPS', ({ stops }) => stops),
  count('EPISODES', ({ stopEpisodes }) => stopEpisodes),
  count('OPEN', ({ open }) => open),
  {
    header: 'BY RUNGS FILLED',
    value: ({ figures }) => figures.byRungs.join(' '),
    align: 'right',
  },
  {
    header: 'HOURS (median p95 max)',
    value: ({ figures: { candlesHeld } }) =>
      `${candlesHeld.median} ${candlesHeld.p95} ${candlesHeld.max}`,
    align: 'right',
  },
  {
    header: 'MEAN %',
    value: ({ figures }) => figures.resultPercent.mean.toFixed(4),
    align: 'right',
  },
  {
    header: 'WORST %',
    value: ({ figures }) => figures.resultPercent.worst.toFixed(2),
    align: 'right',
  },
];

function count(header: string, valueOf: (figures: BacktestFigures) => number): Column<FigureRow> {
  return { header, value: ({ figures }) => String(valueOf(figures)), align: 'right' };
}

function plotPrices(closes: Float64Array): string {
  const columns = columnsOf(closes.length).map(
    ({ from, to }) => closes[to - 1] ?? closes[from] ?? 0,
  );
  const [low, high] = [Math.min(...columns), Math.max(...columns)];
  return columns.map((close) => glyph(high > low ? (close - low) / (high - low) : 0)).join('');
}

function plotStops(ended: Uint8Array): string {
  return columnsOf(ended.length)
    .map(({ from, to }) => {
      const stopped = ended.subarray(from, to).filter((end) => end === ENDED.stop).length;
      return stopped === 0 ? '·' : glyph(stopped / (to - from));
    })
    .join('');
}

function columnsOf(length: number): readonly { readonly from: number; readonly to: number }[] {
  const columns = Math.min(PLOT_COLUMNS, length);
  return Array.from({ length: columns }, (_, column) => ({
    from: Math.floor((column * length) / columns),
    to: Math.floor(((column + 1) * length) / columns),
  }));
}

function glyph(share: number): string {
  return HEIGHTS[Math.min(HEIGHTS.length - 1, Math.floor(share * HEIGHTS.length))] ?? '';
}
