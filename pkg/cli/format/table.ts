export interface Column<Row> {
  readonly header: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
  /** Shown by `-o wide` only. */
  readonly isWide?: boolean;
}

const GAP = '   ';

/** Returns aligned lines, header first; cells keep one line each, whatever they hold. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly isWide: boolean },
): readonly string[] {
  const layout = layOutTable(columns, rows, options);
  return [layout.header, ...rows.map((row) => layout.line(row))];
}

export interface TableLayout<Row> {
  readonly header: string;
  line(row: Row): string;
}

/** Returns a layout whose widths suit `rows`, so that later rows (of a watch) stay aligned with them. */
export function layOutTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly isWide: boolean },
): TableLayout<Row> {
  const shown = columns.filter((column) => options.isWide || column.isWide !== true);
  const widths = shown.map((column) =>
    Math.max(column.header.length, ...rows.map((row) => cellText(column, row).length)),
  );
  const join = (cells: readonly string[]): string =>
    cells
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return shown[index]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
      })
      .join(GAP)
      .trimEnd();
  return {
    header: join(shown.map((column) => column.header)),
    line: (row) => join(shown.map((column) => cellText(column, row))),
  };
}

function cellText<Row>(column: Column<Row>, row: Row): string {
  const text = column.value(row).replaceAll(/\s+/g, ' ').trim();
  return text === '' ? '-' : text;
}
