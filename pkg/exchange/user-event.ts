import type { ClientOrderId, Direction, OrderReport, Quantity, SymbolName } from '#pkg/domain';

/** One frame of a user stream, decoded once at the edge (`decodeUserFrame` of the adapter). */
export type UserEvent =
  | {
      readonly kind: 'order';
      readonly symbol: SymbolName;
      readonly clientOrderId: ClientOrderId;
      readonly direction: Direction;
      readonly isConditional: boolean;
      /** The venue ended the position itself (client ids `autoclose-`, `adl_autoclose`, `settlement_autoclose-`). */
      readonly isForced: boolean;
      /** Carries no quantity: a quantity is never written from a stream. */
      readonly report: Omit<OrderReport, 'quantity'>;
      /** Somebody amended price or quantity. */
      readonly isAmendment: boolean;
      readonly atMs: number;
    }
  | {
      readonly kind: 'account';
      readonly positions: readonly {
        readonly symbol: SymbolName;
        readonly direction: Direction;
        readonly quantity: Quantity;
      }[];
      readonly atMs: number;
    }
  | {
      readonly kind: 'stream-key-expired';
      /** The key that ended; undefined when the frame does not say. */
      readonly streamKey: string | undefined;
      readonly atMs: number;
    }
  /** Known and of no consequence to us. */
  | { readonly kind: 'ignored'; readonly name: string; readonly atMs: number };
