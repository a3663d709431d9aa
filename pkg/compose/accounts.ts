import {
  createAccountDirectory,
  createSigningGuard,
  noteExchangeMode,
  readArming,
  readSecretKey,
} from '#pkg/accounts';
import type { BinanceExchangeDependencies } from '#pkg/exchange';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';

/**
 * Returns what opens account secrets with the fleet's key and decides what may be signed. Throws AccountSecretError.
 *
 * With real money nothing is signed for an account that nobody armed in this fleet and this database.
 */
export async function openSigning(
  base: ProcessBase,
  { store }: Core,
): Promise<BinanceExchangeDependencies['credentialsOf']> {
  const { config, clock } = base;
  if (config.secretKeyFile === undefined) {
    throw new Error(
      'KRAITE_SECRET_KEY_FILE is not set: it names the file with the key that opens account secrets',
    );
  }
  const { accounts, settings } = store;
  const key = await readSecretKey(config.secretKeyFile);
  await noteExchangeMode(settings, config.mode, clock.nowMs());
  return createSigningGuard({
    directory: createAccountDirectory({ accounts, settings, key, clock }),
    readArming: config.mode === 'live' ? (accountId) => readArming(store, accountId) : undefined,
    clock,
  });
}
