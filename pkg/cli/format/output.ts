import { stringify } from 'yaml';

import { formatTable, type Column } from './table.ts';

export const OUTPUT_FORMATS = ['text', 'wide', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Returns `rows` in the format asked for; `json` and `yaml` print the rows' own fields. */
export function formatRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  format: OutputFormat,
  options: { readonly whenEmpty: string },
): string {
  switch (format) {
    case 'json':
      return JSON.stringify(rows, null, 2);
    case 'yaml':
      return stringify(rows).trimEnd();
    case 'text':
    case 'wide':
      if (rows.length === 0) return options.whenEmpty;
      return formatTable(columns, rows, { isWide: format === 'wide' }).join('\n');
  }
}

/** Returns one object in the format asked for; `text` is what the caller says. */
export function formatObject(value: unknown, format: OutputFormat, text: () => string): string {
  switch (format) {
    case 'json':
      return JSON.stringify(value, null, 2);
    case 'yaml':
      return stringify(value).trimEnd();
    case 'text':
    case 'wide':
      return text();
  }
}
