import type { Account } from '#pkg/domain';
import { changeAccount, type ChangeDependencies, type ChangeRequest } from './change-account.ts';
import type { AccountCredentials } from './directory.ts';
import { assertKeyIsFree } from './register-account.ts';
import { sealSecret } from './seal.ts';
import type { SecretKey } from './secret-key.ts';

/** Gives the account other credentials, sealed; in use everywhere within ten seconds. Throws AccountTakenError, AccountChangedError. */
export async function rotateKey(
  dependencies: ChangeDependencies & { readonly key: SecretKey },
  { id: accountId, name }: Account,
  { apiKey, apiSecret }: AccountCredentials,
  by: Pick<ChangeRequest, 'who' | 'why'>,
): Promise<Account> {
  const { accounts, key } = dependencies;
  await assertKeyIsFree(accounts, { accountId, name, apiKey });
  return changeAccount(dependencies, accountId, {
    kind: 'rotated',
    ...by,
    set: () => ({ apiKey, sealedSecret: sealSecret(key, accountId, apiSecret) }),
  });
}
