import type { Clock } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import { ExchangeAccountRefusedError, type SigningPurpose } from '#pkg/exchange';
import type { Arming } from './arming.ts';
import { createBoundedRead } from './bounded-read.ts';
import type { AccountCredentials, AccountDirectory } from './directory.ts';

export interface SigningGuardDependencies {
  readonly directory: AccountDirectory;
  /** Undefined where no money is real: then nothing needs to be armed. */
  readonly readArming: ((accountId: AccountId) => Promise<Arming>) | undefined;
  readonly clock: Clock;
}

/** Who is disarmed opens nothing more anywhere after this time. */
const ARMING_FRESH_MS = 2_000;
/** How long an arming and credentials are still used when the database does not answer. */
const AWAY_MS_MAX = 120_000;
/** The same for what protects or closes: a position is not left alone because the database is. */
const PROTECT_AWAY_MS_MAX = 3_600_000;

/**
 * Returns what the exchange adapter asks before it signs. Throws ExchangeAccountRefusedError (AccountNotArmed) for what
 * may not be signed, and what the directory throws.
 *
 * Each is read of the database once in a while, not for each request. While the database is away, what was read last
 * stands for two minutes, and for an hour for what protects or closes; then nothing is signed.
 */
export function createSigningGuard({
  directory,
  readArming,
  clock,
}: SigningGuardDependencies): (
  accountId: AccountId,
  purpose: SigningPurpose,
) => Promise<AccountCredentials> {
  const armings =
    readArming === undefined
      ? undefined
      : createBoundedRead<AccountId, Arming>(
          { clock, read: readArming },
          { freshMs: ARMING_FRESH_MS },
        );
  return async (accountId, purpose) => {
    const awayMsMax = purpose === 'protect' ? PROTECT_AWAY_MS_MAX : AWAY_MS_MAX;
    // A key is tried before anybody arms its account, and a try moves no money.
    if (armings !== undefined && purpose !== 'check') {
      const arming = await armings.get(accountId, awayMsMax);
      if (!isAllowed(arming, purpose)) throw notArmed(accountId, arming);
    }
    return directory.credentialsOf(accountId, awayMsMax);
  };
}

function isAllowed(arming: Arming, purpose: SigningPurpose): boolean {
  if (arming === 'closing') return purpose !== 'open';
  return arming === 'armed';
}

function notArmed(accountId: AccountId, arming: Arming): ExchangeAccountRefusedError {
  return new ExchangeAccountRefusedError({
    reason: 'AccountNotArmed',
    hint:
      arming === 'closing'
        ? 'it was disarmed, so it only protects and closes'
        : 'nobody armed it for real money in this fleet and this database',
    fields: { accountId },
  });
}
