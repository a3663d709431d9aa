import { randomBytes } from 'node:crypto';

import type { AccountCredentials } from '#pkg/accounts';
import { createVenueAdmin } from '#pkg/exchange/simulated';
import type { RuntimeRecord } from '#pkg/local';
import { UsageError } from '../../context.ts';

const KEY_BYTES = 32;

/** Makes a key with a first deposit at the fleet's own simulated exchange. Throws {@link UsageError} where there is none. */
export async function makeSimulatedKey(
  { venueAdminUrl }: RuntimeRecord,
  depositUsdt: string,
): Promise<AccountCredentials> {
  if (venueAdminUrl === undefined) {
    throw new UsageError('--simulated is for a fleet that brings its own simulated exchange');
  }
  const apiKey = randomBytes(KEY_BYTES).toString('hex');
  const apiSecret = randomBytes(KEY_BYTES).toString('hex');
  const account = { key: apiKey, secret: apiSecret, balance: depositUsdt };
  await createVenueAdmin(venueAdminUrl).register(account);
  return { apiKey, apiSecret };
}
