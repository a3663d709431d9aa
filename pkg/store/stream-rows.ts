/** What the streams of the venue leave in the rows: frames, newest prices, and whether each account's events are complete. */
import type { Reason } from '#pkg/base';
import type { AccountId, Price, SymbolName } from '#pkg/domain';

/** One frame of a user stream, kept before it is acted on. */
export interface Frame {
  readonly id: string;
  readonly accountId: AccountId;
  readonly kind: string;
  /** Hash of account, venue and raw text: identical bytes count once. */
  readonly fingerprint: string;
  readonly payload: string;
  readonly receivedAtMs: number;
}

export interface FrameStore {
  save(frame: Frame): Promise<'saved' | 'duplicate'>;
  find(frameId: string): Promise<Frame | undefined>;
  markApplied(frameId: string, nowMs: number): Promise<void>;
  /** Saved more than `olderThanMs` ago and not applied: their workflow was lost and must be submitted again. */
  listUnapplied(olderThanMs: number, limit: number): Promise<readonly Frame[]>;
  /** Removes at most `limit` frames that were applied before `appliedBeforeMs`; returns how many. */
  prune(options: { readonly appliedBeforeMs: number; readonly limit: number }): Promise<number>;
}

/** The newest mark of one symbol, as the rows have it: some seconds behind the price board. */
export interface PriceRow {
  readonly symbol: SymbolName;
  readonly price: Price;
  readonly atMs: number;
}

export interface PriceStore {
  /** An older price changes nothing. `mark` is decimal text. */
  save(
    ticks: readonly { readonly symbol: SymbolName; readonly mark: string; readonly atMs: number }[],
  ): Promise<void>;
  list(): Promise<readonly PriceRow[]>;
}

/** Whether the events of an account are complete, as the holder of the lease `user-stream` knew it last. */
export interface AccountStreamRow {
  readonly accountId: AccountId;
  /** Of the lease under which it was written. */
  readonly epoch: number;
  /** Why events may be missing; undefined while they are complete. */
  readonly reason: Reason | undefined;
  /** Since when it is so. */
  readonly sinceMs: number;
  /** Frames that wait on the holder's disk because they could not be stored. */
  readonly deadLetters: number;
}

export interface AccountStreamStore {
  /** What an earlier holder writes late changes nothing. */
  save(row: AccountStreamRow): Promise<void>;
  find(accountId: AccountId): Promise<AccountStreamRow | undefined>;
  list(): Promise<readonly AccountStreamRow[]>;
}
