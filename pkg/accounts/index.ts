/**
 * accounts: whose money it is; registration, settings, and the one place where a secret is sealed and opened.
 *
 * It is not the store of accounts (`#pkg/store`) and it calls no venue. Invariants: a secret is stored sealed
 * with the fleet's key and bound to its account's id; it never stands in a log, an error or a row as it is;
 * settings are stored only when every number is in range.
 */
export { armAccount, disarmAccount, readArming, type Arming } from './arming.ts';
export { assignSettings, describeSettingChanges, flatten } from './assign-settings.ts';
export { changeAccount } from './change-account.ts';
export {
  bindFleet,
  ForeignDatabaseError,
  isMoneyReal,
  noteExchangeMode,
} from './fleet-identity.ts';
export { rotateKey } from './rotate-key.ts';
export { createSigningGuard } from './signing-guard.ts';
export {
  createAccountDirectory,
  type AccountCredentials,
  type AccountDirectory,
  type AccountDirectoryDependencies,
} from './directory.ts';
export {
  ensureAccount,
  type EnsureAccountDependencies,
  type WantedAccount,
} from './ensure-account.ts';
export {
  AccountSecretError,
  AccountSettingsError,
  AccountTakenError,
  UnknownAccountError,
} from './errors.ts';
export { registerAccount } from './register-account.ts';
export { dropCandidate, saveCandidate } from './key-candidates.ts';
export { openSecret, sealSecret } from './seal.ts';
export { ensureSecretKey, readSecretKey, type SecretKey } from './secret-key.ts';
export { findSettingsMistakes } from './settings.ts';
