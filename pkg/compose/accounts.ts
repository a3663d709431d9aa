import { createAccountDirectory, readSecretKey, type AccountDirectory } from '#pkg/accounts';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';

/** Returns the directory that opens account secrets with the fleet's key. Throws AccountSecretError. */
export async function openAccountDirectory(
  base: ProcessBase,
  core: Core,
): Promise<AccountDirectory> {
  const { config, clock } = base;
  const key = await readSecretKey(config.secretKeyFile);
  return createAccountDirectory({ accounts: core.store.accounts, key, clock });
}
