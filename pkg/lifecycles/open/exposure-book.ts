/**
 * Entries that were let go and have not filled yet: what another entry of the moment must count.
 *
 * One book for each account, and one for the fleet where it has a limit. Whoever asks about an entry reads the book
 * before the rows, judges with all that stands in it, and writes itself in only if the book is still as it was read; so of
 * several entries at once each is judged with those before it, whichever process they run in.
 */
import type { AccountId, PositionId } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

export interface ReservedEntry {
  readonly positionId: PositionId;
  /** Decimal text. */
  readonly entryPrice: string;
  readonly entryQuantity: string;
  readonly atMs: number;
}

/** A book as it was read. */
export interface ExposureBook {
  readonly name: string;
  readonly text: string | undefined;
  readonly entries: readonly ReservedEntry[];
}

export const FLEET_BOOK = 'exposure:fleet';

export function accountBookOf(accountId: AccountId): string {
  return `exposure:account:${accountId}`;
}

export async function readBook(
  settings: Pick<SettingStore, 'find'>,
  name: string,
): Promise<ExposureBook> {
  const text = await settings.find(name);
  const entries = text === undefined ? [] : (JSON.parse(text) as readonly ReservedEntry[]);
  return { name, text, entries };
}

/**
 * Writes the entry into the book, unless somebody wrote since it was read.
 *
 * `pending`: the open positions whose entry has not filled, read after the book. An entry of any other position is
 * forgotten: it has ended, or counts by its row.
 */
export async function reserveEntry(
  settings: Pick<SettingStore, 'setIf'>,
  book: ExposureBook,
  entry: ReservedEntry,
  pending: ReadonlySet<PositionId>,
): Promise<boolean> {
  const others = book.entries.filter(
    ({ positionId }) => positionId !== entry.positionId && pending.has(positionId),
  );
  const to = JSON.stringify([...others, entry]);
  return settings.setIf(book.name, { from: book.text, to }, entry.atMs);
}
