import { Type, type Static } from 'typebox';

import type { Reason } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

/** As it travels through rows; reasons are checked by nobody there. */
export const KEY_CELL = Type.Object({
  box: Type.String(),
  /** Address that the venue is to see. */
  address: Type.String(),
  atMs: Type.Number(),
  outcome: Type.Union([
    Type.Literal('usable'),
    Type.Literal('refused'),
    Type.Literal('unanswered'),
  ]),
  reason: Type.Union([Type.String(), Type.Null()]),
  /** What to do about it, in the words of whoever refused. */
  message: Type.Union([Type.String(), Type.Null()]),
  /** Whether the venue takes the key from listed addresses only; null where it does not say. */
  isBoundToAddresses: Type.Union([Type.Boolean(), Type.Null()]),
  /** What the account of the key holds, as `BTCUSDT long`; only in the answer, not in the table. */
  pairs: Type.Optional(Type.Array(Type.String())),
});

/** What came of one key used from the address of one box. */
export type KeyCell = Omit<Static<typeof KEY_CELL>, 'reason'> & { readonly reason: Reason | null };

/** Keeps the newest cell of an account and a box. */
export async function saveKeyCell(
  settings: Pick<SettingStore, 'set'>,
  accountId: AccountId,
  { pairs: _answered, ...cell }: KeyCell,
): Promise<void> {
  await settings.set(`${prefixOf(accountId)}${cell.box}`, JSON.stringify(cell), cell.atMs);
}

/** Returns the newest cell of each box that was asked about this account, by box. */
export async function readKeyCells(
  settings: Pick<SettingStore, 'listByPrefix'>,
  accountId: AccountId,
): Promise<readonly KeyCell[]> {
  const values = await settings.listByPrefix(prefixOf(accountId));
  return [...values.values()].map((value) => JSON.parse(value) as KeyCell);
}

function prefixOf(accountId: AccountId): string {
  return `key-check:${accountId}:`;
}
