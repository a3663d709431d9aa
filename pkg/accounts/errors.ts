import { FleetError, type FleetErrorOptions } from '#pkg/base';

/** The key file or a sealed secret cannot be used. The message says what to do and never holds a secret. */
export class AccountSecretError extends FleetError<'ACCOUNT_SECRET'> {
  constructor(sentence: string, options: FleetErrorOptions = {}) {
    super('ACCOUNT_SECRET', sentence, options);
  }
}

/** No account has this id: a bug, or a row that somebody removed. */
export class UnknownAccountError extends FleetError<'ACCOUNT_UNKNOWN'> {
  constructor(options: FleetErrorOptions) {
    super('ACCOUNT_UNKNOWN', 'no account has this id', options);
  }
}

/** Settings out of range; the message lists every mistake. */
export class AccountSettingsError extends FleetError<'ACCOUNT_SETTINGS'> {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    const list = mistakes.map((mistake) => `  ${mistake}`).join('\n');
    super('ACCOUNT_SETTINGS', `unusable account settings:\n${list}`);
    this.mistakes = mistakes;
  }
}

/** The name or the API key belongs to another account; nothing was changed. */
export class AccountTakenError extends FleetError<'ACCOUNT_TAKEN'> {
  constructor(sentence: string) {
    super('ACCOUNT_TAKEN', sentence);
  }
}

/** Somebody else changed the account between look and change; nothing was changed. */
export class AccountChangedError extends FleetError<'ACCOUNT_CHANGED'> {
  constructor(name: string) {
    super(
      'ACCOUNT_CHANGED',
      `somebody else changed account ${name} at the same moment; look at it and try again`,
    );
  }
}
