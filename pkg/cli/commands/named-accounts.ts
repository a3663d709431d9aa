import { findNearest } from '#pkg/base';
import type { Account } from '#pkg/domain';
import type { Store } from '#pkg/store';
import { UsageError } from '../context.ts';

export const ALL = 'all';

/** Returns the account of that name or id, or every account for `all`. Throws {@link UsageError}. */
export async function requireAccounts(
  { accounts }: Pick<Store, 'accounts'>,
  named: string,
): Promise<readonly Account[]> {
  const known = await accounts.list();
  if (known.length === 0) throw new UsageError('the fleet has no account yet');
  if (named === ALL) return known;
  const found = known.find(({ id, name }) => named === name || named === id);
  if (found !== undefined) return [found];
  const names = [...known.map(({ name }) => name), ALL];
  const close = findNearest(named, names);
  throw new UsageError(
    `no account is called ${named} (${close === undefined ? `there are: ${names.join(', ')}` : `did you mean ${close}?`})`,
  );
}
