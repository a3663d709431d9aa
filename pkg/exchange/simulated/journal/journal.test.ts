import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IncomeRow } from '../venue/rows.ts';
import { VenueState } from '../venue/state.ts';
import { openJournal } from './journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'venue-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const income = (tranId: number, padding = 0): IncomeRow => ({
  tranId,
  account: 'k',
  symbol: 'x'.repeat(padding),
  kind: 'TRANSFER',
  amount: '1',
  tradeId: '',
  atMs: 5,
});

function write(count: number, options: { readonly padding?: number } = {}): void {
  const state = new VenueState();
  using journal = openJournal(folder, state);
  for (let id = 1; id <= count; id += 1) {
    state.put('incomes', id, income(id, options.padding));
    journal.append(state.takeChanges(), id * 100);
  }
  state.remove('incomes', '1');
  journal.append(state.takeChanges(), count * 100);
  journal.sync(state);
}

function read(): { readonly ids: readonly number[]; readonly resumeMarketMs: number } {
  const state = new VenueState();
  using journal = openJournal(folder, state);
  const ids = [...state.rows('incomes')].map((row) => row.tranId);
  return { ids, resumeMarketMs: journal.resumeMarketMs };
}

test('what was appended is there again, removals and market time included', () => {
  write(3);
  expect(read()).toEqual({ ids: [2, 3], resumeMarketMs: 300 });
});

test('a torn last line is cut off and writing goes on behind it', () => {
  write(3);
  appendFileSync(join(folder, 'log-0.jsonl'), '{"t":400,"c":[["incomes","9"');
  expect(read().ids).toEqual([2, 3]);
  write(4);
  expect(read().ids).toEqual([2, 3, 4]);
});

test('damage elsewhere is named with its file and line', () => {
  write(3);
  writeFileSync(join(folder, 'log-0.jsonl'), 'oops\n{"t":1,"c":[]}\n');
  expect(read).toThrow('log-0.jsonl:1 is not a journal entry');
});

test('a long log becomes a snapshot and a new log', () => {
  write(20, { padding: 1024 * 1024 });
  expect(readdirSync(folder).toSorted()).toEqual(['log-1.jsonl', 'snapshot-1.jsonl']);
  expect(read().ids).toHaveLength(19);
});

test('a lock left by a process that is gone, or by another with its id, is taken over', () => {
  for (const owner of ['999999999', '1 0', 'nonsense']) {
    writeFileSync(join(folder, 'owner.pid'), owner);
    expect(read().ids).toEqual([]);
  }
});

test('a file in the place of the folder is refused with a sentence', () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  expect(() => openJournal(path, new VenueState())).toThrow('cannot make the state folder');
});
