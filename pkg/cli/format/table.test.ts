import fc from 'fast-check';
import { expect, test } from 'vitest';

import { formatTable, type Column } from './table.ts';

interface Row {
  readonly name: string;
  readonly count: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { header: 'NAME', value: ({ name }) => name },
  { header: 'COUNT', value: ({ count }) => String(count), align: 'right' },
  { header: 'TWICE', value: ({ count }) => String(2 * count), isWide: true },
];

test('columns are aligned, and wide ones are shown only when asked for', () => {
  const rows = [
    { name: 'eos', count: 7 },
    { name: 'hyperion', count: 1200 },
  ];
  expect(formatTable(COLUMNS, rows, { isWide: false })).toEqual([
    'NAME       COUNT',
    'eos            7',
    'hyperion    1200',
  ]);
  expect(formatTable(COLUMNS, rows, { isWide: true })[1]).toBe('eos            7   14');
});

test('a cell that is empty or holds line breaks stays one word on one line', () => {
  const lines = formatTable(
    COLUMNS,
    [
      { name: ' a\n b ', count: 0 },
      { name: '', count: 1 },
    ],
    {
      isWide: false,
    },
  );
  expect(lines.slice(1)).toEqual(['a b        0', '-          1']);
});

test('whatever the cells hold, there is one line for each row', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: fc.string(), count: fc.integer() })), (rows) => {
      const lines = formatTable(COLUMNS, rows, { isWide: true });
      expect(lines).toHaveLength(rows.length + 1);
      expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    }),
  );
});
