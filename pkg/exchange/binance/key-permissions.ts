import type { Clock, Reason } from '#pkg/base';
import type { AccountId } from '#pkg/domain';

import { ExchangeAccountRefusedError } from '../errors.ts';
import type { Exchange, SigningPurpose } from '../exchange.ts';
import { decodePosition } from './decode.ts';
import type { Demand } from './demand.ts';
import { ENDPOINTS } from './endpoints.ts';
import { checkKeyPermissions, checkPositions } from './schemas.ts';

/** A key's permissions are changed by hand, so minutes late is soon enough. */
const TRUSTED_FOR_MS = 600_000;

const HINTS = {
  KeyMayWithdraw: 'the API key may withdraw; use one without that permission',
  KeyLacksFutures: 'the API key lacks the permission for futures; enable it',
} as const satisfies Partial<Record<Reason, string>>;

export interface KeyCheckDependencies {
  readonly demand: Demand;
  /** Asks the wallet's host; undefined where there is none. */
  readonly demandWallet: Demand | undefined;
  readonly clock: Clock;
}

/**
 * Returns the checks that a key may trade and may not withdraw.
 *
 * A key that was verified is asked about again after ten minutes; one that was refused, each time.
 */
export function createKeyCheck({
  demand,
  demandWallet,
  clock,
}: KeyCheckDependencies): Pick<Exchange, 'verifyKey' | 'readKey'> {
  const passedAtMs = new Map<AccountId, number>();

  /** Returns whether the key is bound to addresses; throws when it may too much or too little. */
  const demandPermissions = async (
    accountId: AccountId,
    purpose: SigningPurpose,
    signal: AbortSignal,
  ): Promise<boolean | undefined> => {
    if (demandWallet === undefined) return undefined;
    const { ipRestrict, enableFutures, enableWithdrawals } = await demandWallet({
      endpoint: ENDPOINTS.keyPermissions,
      accountId,
      check: checkKeyPermissions,
      purpose,
      signal,
    });
    if (!enableWithdrawals && enableFutures) return ipRestrict;
    const reason = enableWithdrawals ? 'KeyMayWithdraw' : 'KeyLacksFutures';
    const hint = HINTS[reason];
    throw new ExchangeAccountRefusedError({ hint, reason, fields: { accountId, hint } });
  };
  return {
    verifyKey: async (accountId, signal) => {
      const atMs = passedAtMs.get(accountId) ?? Number.NEGATIVE_INFINITY;
      if (clock.monotonicMs() - atMs < TRUSTED_FOR_MS) return;
      await demandPermissions(accountId, 'look', signal);
      passedAtMs.set(accountId, clock.monotonicMs());
    },
    readKey: async (accountId, signal) => {
      passedAtMs.delete(accountId);
      try {
        const isBoundToAddresses = await demandPermissions(accountId, 'check', signal);
        const held = await demand({
          endpoint: ENDPOINTS.positionRisk,
          accountId,
          check: checkPositions,
          purpose: 'check',
          signal,
        });
        const pairs = held.map((row) => decodePosition(row));
        return {
          kind: 'usable',
          isBoundToAddresses,
          pairs: pairs.map(({ symbol, direction }) => ({ symbol, direction })),
        };
      } catch (error) {
        if (!(error instanceof ExchangeAccountRefusedError)) throw error;
        return { kind: 'refused', reason: error.reason, message: error.message };
      }
    },
  };
}
