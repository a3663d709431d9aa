import type { Clock } from '#pkg/base';
import type { AccountId } from '#pkg/domain';

import { ExchangeAccountRefusedError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Demand } from './demand.ts';
import { ENDPOINTS } from './endpoints.ts';
import { checkKeyPermissions } from './schemas.ts';

/** A key's permissions are changed by hand, so minutes late is soon enough. */
const TRUSTED_FOR_MS = 600_000;

/**
 * Returns the check that a key may trade and may not withdraw.
 *
 * `demandWallet` asks the wallet's host; undefined where there is none. A key that passed is asked about again after
 * ten minutes; one that did not, each time.
 */
export function createKeyCheck(
  demandWallet: Demand | undefined,
  clock: Clock,
): Pick<Exchange, 'verifyKey'> {
  const passedAtMs = new Map<AccountId, number>();
  return {
    verifyKey: async (accountId, signal) => {
      if (demandWallet === undefined) return;
      const atMs = passedAtMs.get(accountId) ?? Number.NEGATIVE_INFINITY;
      if (clock.monotonicMs() - atMs < TRUSTED_FOR_MS) return;
      const { enableFutures, enableWithdrawals } = await demandWallet({
        endpoint: ENDPOINTS.keyPermissions,
        accountId,
        check: checkKeyPermissions,
        signal,
      });
      const hint = enableWithdrawals
        ? 'the API key may withdraw; use one without that permission'
        : enableFutures
          ? undefined
          : 'the API key lacks the permission for futures; enable it';
      if (hint !== undefined) {
        throw new ExchangeAccountRefusedError({ hint, fields: { accountId, hint } });
      }
      passedAtMs.set(accountId, clock.monotonicMs());
    },
  };
}
