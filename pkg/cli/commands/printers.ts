import { writeLine, type CliContext } from '../context.ts';
import { formatObject, formatRows, type OutputFormat } from '../format/output.ts';
import { layOutTable, type TableLayout } from '../format/table.ts';
import type { ReadingOptions } from '../verbs/reading-verbs.ts';
import type { ReadingView } from '../views/view.ts';

/** Prints what one look found. */
export type Printer<Sources> = (sources: Sources) => Promise<void>;

/** Prints one object, again only when it changed. */
export function objectPrinter<View, Sources>(
  context: CliContext,
  output: OutputFormat,
  view: {
    readonly read: (sources: Sources) => View | Promise<View>;
    readonly describe: (view: View) => string;
  },
): Printer<Sources> {
  let printed = '';
  return async (sources) => {
    const object = await view.read(sources);
    const text = formatObject(object, output, () => view.describe(object));
    if (text !== printed) writeLine(context.stdout, printed === '' ? text : `\n${text}`);
    printed = text;
  };
}

/** Prints all rows first; in a watch, afterwards only the rows that changed. */
export function rowPrinter<Row, Sources>(
  context: CliContext,
  view: ReadingView<Row, Sources>,
  options: Pick<ReadingOptions, 'output' | 'watch'>,
): Printer<Sources> {
  const { output } = options;
  const isTable = output === 'text' || output === 'wide';
  const seen = new Map<string, string>();
  let layout: TableLayout<Row> | undefined;
  return async (sources) => {
    const rows = await view.read(sources);
    const changed = rows.filter((row) => remember(seen, view.key(row), stableRow(row)));
    if (options.watch !== true) {
      const text = formatRows(rows, view.columns, output, { whenEmpty: view.whenEmpty });
      return writeLine(context.stdout, text);
    }
    if (!isTable) {
      for (const row of changed) writeLine(context.stdout, JSON.stringify(row));
      return;
    }
    if (layout === undefined && changed.length > 0) {
      layout = layOutTable(view.columns, rows, { isWide: output === 'wide' });
      writeLine(context.stdout, layout.header);
    }
    for (const row of changed) writeLine(context.stdout, layout?.line(row) ?? '');
  };
}

/** Age grows by itself and is no change. */
function stableRow(row: unknown): string {
  return JSON.stringify(row, (name, value: unknown) => (name === 'ageMs' ? undefined : value));
}

function remember(seen: Map<string, string>, key: string, text: string): boolean {
  if (seen.get(key) === text) return false;
  seen.set(key, text);
  return true;
}
