import {
  createAccountDirectory,
  isArmed,
  readSecretKey,
  type AccountDirectory,
} from '#pkg/accounts';
import { ExchangeAccountRefusedError } from '#pkg/exchange';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';

/**
 * Returns the directory that opens account secrets with the fleet's key. Throws AccountSecretError.
 *
 * With real money nothing is signed for an account that is not armed: asked for each request, so that
 * disarming holds at once.
 */
export async function openAccountDirectory(
  base: ProcessBase,
  core: Core,
): Promise<AccountDirectory> {
  const { config, clock } = base;
  if (config.secretKeyFile === undefined) {
    throw new Error(
      'KRAITE_SECRET_KEY_FILE is not set: it names the file with the key that opens account secrets',
    );
  }
  const { accounts, settings } = core.store;
  const directory = createAccountDirectory({
    accounts,
    settings,
    key: await readSecretKey(config.secretKeyFile),
    clock,
  });
  if (config.mode !== 'live') return directory;
  return {
    credentialsOf: async (accountId) => {
      if (await isArmed(settings, accountId)) return directory.credentialsOf(accountId);
      throw new ExchangeAccountRefusedError({
        reason: 'AccountNotArmed',
        hint: 'nobody armed it for real money in this fleet',
        fields: { accountId },
      });
    },
  };
}
