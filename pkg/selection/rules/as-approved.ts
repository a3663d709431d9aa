import { ladderKeyOf, setupOf } from '#pkg/backtest';
import type { Account, Direction } from '#pkg/domain';
import type { Approval } from '#pkg/prospects';

/** Returns what history said of the ladder that an account would build on a side. */
export function approvalOf(
  known: { readonly ladders: Readonly<Record<string, Approval>> } | undefined,
  account: Pick<Account, 'settings'>,
  direction: Direction,
): Approval | undefined {
  return known?.ladders[ladderKeyOf(setupOf(account.settings, direction))];
}

/** Returns the account as history lets it trade a symbol: with the gap and profit of an adjusted ladder, else unchanged. */
export function asApproved<A extends Pick<Account, 'settings'>>(
  account: A,
  direction: Direction,
  approval: Approval | undefined,
): A {
  const suggestion = approval?.suggestion;
  if (suggestion === undefined) return account;
  const { settings } = account;
  return {
    ...account,
    settings: {
      ...settings,
      gapPercent: { ...settings.gapPercent, [direction]: suggestion.gapPercent },
      profitPercent: suggestion.profitPercent,
    },
  };
}
