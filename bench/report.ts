/** How a measurement prints what it found: rows with peers beside ours, a table with ratios, and JSON on demand. */
import { writeFileSync } from 'node:fs';

export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  /** The same figure of whatever else could be used. */
  readonly peers: Readonly<Record<string, number>>;
  /** How many passes `ours` is the median of. */
  readonly runs: number;
}

/** Returns the middle of an uneven number of figures, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Prints the rows as a table, ours in units and beside each peer how many times its figure ours is. */
export function printRows(rows: readonly BenchRow[]): void {
  const lines = [['row', 'unit', 'ours', 'peers (ours ÷ peer)', 'runs']];
  for (const { name, unit, ours, peers, runs } of rows) {
    const beside = Object.entries(peers).map(
      ([peer, figure]) =>
        `${peer} ${show(figure)}${figure > 0 ? ` (${show(ours / figure)}×)` : ''}`,
    );
    lines.push([name, unit, show(ours), beside.join(', '), String(runs)]);
  }
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  for (const line of lines) {
    const cells = line.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}

/** Writes `{"rows": […]}` where a file was named. */
export function writeRows(file: string | undefined, rows: readonly BenchRow[]): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ rows }, undefined, 2)}\n`);
}

function show(figure: number): string {
  return Math.abs(figure) >= 1_000
    ? String(Math.round(figure))
    : String(Math.round(figure * 1_000) / 1_000);
}
