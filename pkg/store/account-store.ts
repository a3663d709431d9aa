import type { Account, AccountChange, AccountId, AccountSettings } from '#pkg/domain';

/** Whose money it is, and who changed what of it. */
export interface AccountStore {
  /** Inserts or replaces by name; keeps id, age and balance of an existing row. */
  save(account: Omit<Account, 'balanceUsdt' | 'availableUsdt' | 'balanceAtMs'>): Promise<Account>;
  find(accountId: AccountId): Promise<Account | undefined>;
  findByName(name: string): Promise<Account | undefined>;
  list(): Promise<readonly Account[]>;
  saveSettings(accountId: AccountId, settings: AccountSettings): Promise<void>;
  /**
   * Writes the change that follows number `after` (0: the first) together with what it sets of the row; `conflict`, and
   * nothing is written, when somebody else was first.
   */
  change(
    change: Omit<AccountChange, 'number' | 'settings'> & {
      readonly after: number;
      readonly set: Partial<Pick<Account, 'settings' | 'apiKey' | 'sealedSecret' | 'isTradingOn'>>;
    },
  ): Promise<'changed' | 'conflict'>;
  /** The newest `limit`, newest first. */
  listChanges(accountId: AccountId, limit: number): Promise<readonly AccountChange[]>;
  /** A balance older than the stored one changes nothing. */
  saveBalance(
    accountId: AccountId,
    balance: {
      readonly balanceUsdt: string;
      readonly availableUsdt: string;
      readonly atMs: number;
    },
  ): Promise<void>;
}
