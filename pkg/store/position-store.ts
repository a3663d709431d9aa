import type {
  AccountId,
  Direction,
  Position,
  PositionEvent,
  PositionId,
  PositionStatus,
  SymbolName,
} from '#pkg/domain';

export type NewPosition = Pick<
  Position,
  'id' | 'accountId' | 'symbol' | 'direction' | 'slot' | 'settings' | 'createdAtMs'
>;

/** Fields of a position that a step may set; status moves only by `advance`. */
export type PositionChanges = Partial<
  Omit<
    Position,
    | 'id'
    | 'accountId'
    | 'symbol'
    | 'direction'
    | 'slot'
    | 'status'
    | 'settings'
    | 'createdAtMs'
    | 'updatedAtMs'
  >
>;

export interface OpenCount {
  readonly accountId: AccountId;
  readonly direction: Direction;
  readonly count: number;
  /** Filled, and no stop was written as standing. */
  readonly unprotected: number;
}

export interface PositionStore {
  /**
   * Takes a slot. Refused by the unique indexes (account, symbol, direction) and (account, direction, slot).
   * A repeat with the id and pair of a standing position returns that position.
   */
  create(
    position: NewPosition,
  ): Promise<
    | { readonly kind: 'created'; readonly position: Position }
    | { readonly kind: 'refused'; readonly reason: 'PairAlreadyHeld' | 'NoFreeSlot' }
  >;
  find(positionId: PositionId): Promise<Position | undefined>;
  /** All that hold a slot, oldest first. */
  listOpen(filter?: {
    readonly accountId?: AccountId;
    readonly symbol?: SymbolName;
  }): Promise<readonly Position[]>;
  /** How many hold a slot, by account and direction, and how many of them hold a quantity without a stop. */
  countOpen(): Promise<readonly OpenCount[]>;
  /** Newest first. */
  list(options: {
    readonly limit: number;
    readonly accountId?: AccountId;
  }): Promise<readonly Position[]>;
  /** Moves the status by the table, with `changes` in the same statement; refused when the table has no such pair. */
  advance(
    positionId: PositionId,
    event: PositionEvent,
    options: { readonly changes?: PositionChanges; readonly nowMs: number },
  ): Promise<
    | { readonly kind: 'moved'; readonly position: Position; readonly from: PositionStatus }
    | { readonly kind: 'refused'; readonly status: PositionStatus | undefined }
  >;
  update(positionId: PositionId, changes: PositionChanges, nowMs: number): Promise<void>;
}
