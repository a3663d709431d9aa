import { FleetError } from '#pkg/base';

export type LocalErrorCode =
  | 'STATE_UNUSABLE'
  | 'STATE_NOT_OURS'
  | 'STATE_LOCKED'
  | 'STATE_MISMATCH'
  | 'PORT_IN_USE'
  | 'SERVER_UNREACHABLE'
  | 'FLEET_DOWN'
  | 'FLEET_REFUSED'
  | 'START_FAILED'
  | 'UNKNOWN_BOX'
  | 'LIVE_REFUSED';

export interface LocalErrorOptions {
  readonly cause?: unknown;
  /** `wrong-use` exits with 2: the same command will never work; `failed` exits with 1. */
  readonly exit?: 'failed' | 'wrong-use';
}

/** Something on this machine stands in the way. The message is for the person who typed, and says what to do. */
export class LocalError extends FleetError<LocalErrorCode> {
  readonly exit: 'failed' | 'wrong-use';

  constructor(code: LocalErrorCode, message: string, options: LocalErrorOptions = {}) {
    super(code, message, options.cause === undefined ? {} : { cause: options.cause });
    this.exit = options.exit ?? 'failed';
  }
}
