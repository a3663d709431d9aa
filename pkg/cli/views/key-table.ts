import { formatInstant } from '#pkg/base';
import type { KeyCell } from '#pkg/key-checks';
import type { Column } from '../format/table.ts';
import { formatAge } from '../format/words.ts';

/** One cell of the table account × address. */
export interface KeyCellRow {
  readonly account: string;
  readonly box: string;
  readonly address: string;
  readonly outcome: KeyCell['outcome'] | 'unchecked';
  readonly reason: string | null;
  readonly message: string | null;
  readonly isBoundToAddresses: boolean | null;
  readonly checkedAt: string | null;
  readonly ageMs: number | null;
}

export function keyCellRow(account: string, cell: KeyCell, nowMs: number): KeyCellRow {
  const { box, address, outcome, reason, message, isBoundToAddresses, atMs } = cell;
  return {
    account,
    box,
    address,
    outcome,
    reason,
    message,
    isBoundToAddresses,
    checkedAt: formatInstant(atMs),
    ageMs: Math.max(0, nowMs - atMs),
  };
}

/** What the venue says of the list of addresses that a key is bound to. */
function boundText({ isBoundToAddresses }: KeyCellRow): string {
  if (isBoundToAddresses === null) return '';
  return isBoundToAddresses ? 'listed only' : 'any address';
}

export const KEY_CELL_COLUMNS: readonly Column<KeyCellRow>[] = [
  { header: 'ACCOUNT', value: ({ account }) => account },
  { header: 'BOX', value: ({ box }) => box },
  { header: 'ADDRESS', value: ({ address }) => address },
  { header: 'KEY', value: ({ outcome }) => outcome },
  { header: 'REASON', value: ({ reason }) => reason ?? '' },
  { header: 'USABLE FROM', value: boundText },
  { header: 'AGE', value: ({ ageMs }) => (ageMs === null ? '' : formatAge(ageMs)), align: 'right' },
  { header: 'WHAT TO DO', value: ({ message }) => message ?? '', isWide: true },
];
