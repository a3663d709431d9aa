import type { Arming } from '#pkg/accounts';
import type { Account } from '#pkg/domain';
import type { KeyVerdict } from '#pkg/key-checks';
import type { Column } from '../format/table.ts';

/** An account without its secret, and with no more of its key than tells it from others. */
export interface AccountRow {
  readonly name: string;
  readonly id: string;
  readonly venue: string;
  readonly isTradingOn: boolean;
  /** Null where the money is not real. */
  readonly arming: Arming | null;
  readonly apiKey: string;
  readonly slots: { readonly long: number; readonly short: number };
  readonly openPositions: number;
  readonly walletUsdt: string | null;
  readonly availableUsdt: string | null;
  readonly key: KeyVerdict['kind'] | 'unchecked';
  readonly keyReason: string | null;
  readonly addressesUsable: number;
  readonly addresses: number;
}

/** First and last characters of an API key; a short one shows nothing. */
function maskKey(apiKey: string): string {
  return apiKey.length < 16 ? '…' : `${apiKey.slice(0, 4)}…${apiKey.slice(-4)}`;
}

export function accountRow(
  account: Account,
  facts: {
    readonly openPositions: number;
    readonly verdict: KeyVerdict | undefined;
    readonly addresses: number;
    readonly arming: Arming | null;
  },
): AccountRow {
  const { verdict } = facts;
  return {
    name: account.name,
    id: account.id,
    venue: account.venue,
    isTradingOn: account.isTradingOn,
    arming: facts.arming,
    apiKey: maskKey(account.apiKey),
    slots: account.settings.slots,
    openPositions: facts.openPositions,
    walletUsdt: account.balanceUsdt ?? null,
    availableUsdt: account.availableUsdt ?? null,
    key: verdict?.kind ?? 'unchecked',
    keyReason: verdict?.reason ?? null,
    addressesUsable: verdict?.cells.filter(({ outcome }) => outcome === 'usable').length ?? 0,
    addresses: facts.addresses,
  };
}

function money(amount: string | null): string {
  return amount === null ? '' : Number(amount).toFixed(2);
}

function tradingText({ isTradingOn, arming }: AccountRow): string {
  if (!isTradingOn) return 'off';
  return arming === null || arming === 'armed' ? 'on' : 'not armed';
}

export const ACCOUNT_COLUMNS: readonly Column<AccountRow>[] = [
  { header: 'ACCOUNT', value: ({ name }) => name },
  { header: 'TRADING', value: tradingText },
  { header: 'SLOTS L/S', value: ({ slots }) => `${slots.long} / ${slots.short}`, align: 'right' },
  { header: 'OPEN', value: ({ openPositions }) => String(openPositions), align: 'right' },
  { header: 'WALLET', value: ({ walletUsdt }) => money(walletUsdt), align: 'right' },
  { header: 'FREE', value: ({ availableUsdt }) => money(availableUsdt), align: 'right' },
  { header: 'KEY', value: ({ key }) => key },
  {
    header: 'ADDRESSES',
    value: ({ addresses, addressesUsable }) => `${addressesUsable}/${addresses}`,
    align: 'right',
  },
  { header: 'WHY', value: ({ keyReason }) => keyReason ?? '' },
  { header: 'API KEY', value: ({ apiKey }) => apiKey, isWide: true },
  { header: 'ID', value: ({ id }) => id, isWide: true },
];
