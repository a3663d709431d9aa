import { Decimal } from '#pkg/base';
import type { VenueIncome } from '#pkg/exchange';
import type { SettingStore } from '#pkg/store';

/** What the venue booked on one day (UTC), as decimal text. */
export interface LedgerDay {
  /** `2026-01-31`. */
  readonly day: string;
  readonly realized: string;
  /** Below zero where they were paid. */
  readonly fees: string;
  readonly funding: string;
  /** Whatever else the venue booked: insurance, rebates. */
  readonly other: string;
  /** Moved in or out by the owner: in no profit. */
  readonly transfers: string;
  /** The wallet at the last look of the day; undefined where nobody looked. */
  readonly walletUsdt?: string;
}

/** The ledger of an account by days, oldest first, as of the last look. */
export interface Ledger {
  readonly readAtMs: number;
  readonly days: readonly LedgerDay[];
}

const DAY_MS = 24 * 3_600_000;
/** Thirty days and the one that runs. */
export const DAYS_KEPT = 31;

/** Kinds by which an owner moves money. Source: `UMIncomeType` of the types of the SDK `binance`. */
const TRANSFERS: ReadonlySet<string> = new Set([
  'TRANSFER',
  'INTERNAL_TRANSFER',
  'CROSS_COLLATERAL_TRANSFER',
  'COIN_SWAP_DEPOSIT',
  'COIN_SWAP_WITHDRAW',
]);

/** Returns the day (UTC) of an instant. */
export function dayOf(timeMs: number): string {
  // Only its UTC date is used; the instant is the caller's.
  // oxlint-disable-next-line no-restricted-globals
  return new Date(timeMs).toISOString().slice(0, 10);
}

/**
 * Returns from when the ledger must be read: the day before the last look, as bookings of its last minutes may have come
 * late; all that is kept where nobody looked before.
 */
export function ledgerSinceMs(before: Ledger | undefined, nowMs: number): number {
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const oldestMs = todayMs - (DAYS_KEPT - 1) * DAY_MS;
  if (before === undefined) return oldestMs;
  return Math.max(oldestMs, Math.floor(before.readAtMs / DAY_MS) * DAY_MS - DAY_MS);
}

/** Returns the ledger with the days from `sinceMs` on made anew of `incomes`: everything booked since then. Pure. */
export function updateLedger(
  before: Ledger | undefined,
  incomes: readonly VenueIncome[],
  look: { readonly sinceMs: number; readonly nowMs: number; readonly walletUsdt: string },
): Ledger {
  const { sinceMs, nowMs, walletUsdt } = look;
  const wallets = new Map(before?.days.map((each) => [each.day, each.walletUsdt]));
  wallets.set(dayOf(nowMs), walletUsdt);
  const oldest = dayOf(nowMs - (DAYS_KEPT - 1) * DAY_MS);
  const first = dayOf(sinceMs);
  const kept = (before?.days ?? []).filter(({ day }) => day >= oldest && day < first);
  const byDay = Map.groupBy(
    incomes.filter(({ atMs }) => atMs >= sinceMs),
    ({ atMs }) => dayOf(atMs),
  );
  const made: LedgerDay[] = [];
  for (let timeMs = sinceMs; timeMs <= nowMs; timeMs += DAY_MS) {
    const day = dayOf(timeMs);
    const walletOfDay = wallets.get(day);
    made.push({
      ...sumDay(day, byDay.get(day) ?? []),
      ...(walletOfDay === undefined ? {} : { walletUsdt: walletOfDay }),
    });
  }
  return { readAtMs: nowMs, days: [...kept, ...made] };
}

function sumDay(day: string, incomes: readonly VenueIncome[]): LedgerDay {
  const sum = (isMeant: (kind: string) => boolean): string =>
    incomes
      .filter(({ kind }) => isMeant(kind))
      .reduce((total, { amount }) => total.plus(amount), new Decimal(0))
      .toFixed();
  const named = new Set(['REALIZED_PNL', 'COMMISSION', 'FUNDING_FEE', ...TRANSFERS]);
  return {
    day,
    realized: sum((kind) => kind === 'REALIZED_PNL'),
    fees: sum((kind) => kind === 'COMMISSION'),
    funding: sum((kind) => kind === 'FUNDING_FEE'),
    other: sum((kind) => !named.has(kind)),
    transfers: sum((kind) => TRANSFERS.has(kind)),
  };
}

/** Returns what the account earned on a day: everything but what its owner moved. */
export function profitOf({ realized, fees, funding, other }: LedgerDay): Decimal {
  return new Decimal(realized).plus(fees).plus(funding).plus(other);
}

function settingOf(accountId: string): string {
  return `ledger:${accountId}`;
}

export async function readLedger(
  settings: Pick<SettingStore, 'find'>,
  accountId: string,
): Promise<Ledger | undefined> {
  const value = await settings.find(settingOf(accountId));
  return value === undefined ? undefined : (JSON.parse(value) as Ledger);
}

export async function saveLedger(
  settings: Pick<SettingStore, 'set'>,
  accountId: string,
  ledger: Ledger,
): Promise<void> {
  await settings.set(settingOf(accountId), JSON.stringify(ledger), ledger.readAtMs);
}
