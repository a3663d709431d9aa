import { ENDED, type StartOutcomes } from '#pkg/backtest';
import { formatInstant } from '#pkg/base';
import type { BacktestReport } from './backtest.ts';

const WIDTH = 1_200;
const PLOT = { left: 70, right: 20, top: 40, height: 340 } as const;
const STRIP = { gap: 46, height: 16 } as const;
/** As many columns as the plot has pixels: more cannot be seen. */
const COLUMNS = WIDTH - PLOT.left - PLOT.right;

/**
 * Returns the report as an SVG image: the price on a logarithmic scale, and under it for each side a strip of the starts
 * that were stopped, the darker the more of them, with its verdict.
 */
export function drawBacktest(
  report: BacktestReport,
  plotted: { readonly closes: Float64Array; readonly outcomes: readonly StartOutcomes[] },
): string {
  const { symbol, candles, fromMs, untilMs, sides } = report;
  const height = PLOT.top + PLOT.height + 40 + sides.length * STRIP.gap;
  const day = (atMs: number): string => formatInstant(atMs).slice(0, 10);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(
      PLOT.left,
      24,
      `${symbol}: ${candles} hourly candles from ${day(fromMs)} to ${day(untilMs)}`,
    ),
    ...drawPrice(plotted.closes),
    ...sides.flatMap((side, index) =>
      drawStrip(
        plotted.outcomes[index]?.ended ?? new Uint8Array(),
        PLOT.top + PLOT.height + 30 + index * STRIP.gap,
        `${side.setup.direction}: ${side.kind}. ${side.message}`,
      ),
    ),
    '</svg>',
    '',
  ].join('\n');
}

function drawPrice(closes: Float64Array): readonly string[] {
  const levels = columnsOf(closes.length).map(({ to }) => Math.log(closes[to - 1] ?? 1));
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const y = (level: number): number =>
    PLOT.top + PLOT.height * (high > low ? (high - level) / (high - low) : 0.5);
  const points = levels.map((level, column) => `${PLOT.left + column},${y(level).toFixed(1)}`);
  const price = (level: number): string => String(Number(Math.exp(level).toPrecision(5)));
  return [
    `<polyline fill="none" stroke="#1f4e8c" stroke-width="1.2" points="${points.join(' ')}"/>`,
    text(4, y(high) + 5, price(high)),
    text(4, y(low) + 5, price(low)),
  ];
}

function drawStrip(ended: Uint8Array, top: number, words: string): readonly string[] {
  const marks = columnsOf(ended.length).flatMap(({ from, to }, column) => {
    const stopped = ended.subarray(from, to).filter((end) => end === ENDED.stop).length;
    if (stopped === 0) return [];
    const share = (0.25 + (0.75 * stopped) / (to - from)).toFixed(2);
    return [
      `<rect x="${PLOT.left + column}" y="${top}" width="1" height="${STRIP.height}" fill="#b3261e" fill-opacity="${share}"/>`,
    ];
  });
  return [
    `<rect x="${PLOT.left}" y="${top}" width="${COLUMNS}" height="${STRIP.height}" fill="#eeeeee"/>`,
    ...marks,
    text(PLOT.left, top + STRIP.height + 15, words),
  ];
}

function columnsOf(length: number): readonly { readonly from: number; readonly to: number }[] {
  const columns = Math.min(COLUMNS, length);
  return Array.from({ length: columns }, (_, column) => ({
    from: Math.floor((column * length) / columns),
    to: Math.floor(((column + 1) * length) / columns),
  }));
}

function text(x: number, y: number, words: string): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y.toFixed(1)}" fill="#222222">${safe}</text>`;
}
