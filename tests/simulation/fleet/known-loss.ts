/**
 * When the fleet could know that a person took a stop away by hand: nobody replaces what he does not know to be gone.
 *
 * It is known when the frame that tells of it is stored, or when an answer of the venue that tells of it has come. A
 * frame may be lost with its socket or its process; the time until then is no exposure of the fleet's making, and has a
 * limit of its own.
 */
export interface KnownLoss {
  /** A stop was canceled by hand. */
  note(stop: Stop, atMs: number): void;
  /** A frame of the account was stored. */
  hear(account: string, frame: string, atMs: number): void;
  /** The conditional orders that work were read. */
  read(account: string, list: string, atMs: number): void;
  /** Returns since when the loss of a stop that began at `sinceMs` is known; infinite while it is not. */
  knownAtMs(at: Omit<Stop, 'clientId'>, sinceMs: number): number;
  /** Whether what began at `sinceMs` was done by hand. */
  isByHand(at: Omit<Stop, 'clientId'>, sinceMs: number): boolean;
  /** Losses that nobody learned of in time. */
  overdue(nowMs: number): readonly string[];
  /** Times until a loss was known, ms. */
  readonly delays: readonly number[];
}

interface Stop {
  readonly account: string;
  readonly symbol: string;
  readonly side: string;
  readonly clientId: string;
}

interface Loss extends Stop {
  readonly atMs: number;
  knownAtMs: number;
  isTold: boolean;
}

/** A storm, the 60 s after which a silent socket is cut, and the five minutes of `sync-orders`. */
export const UNKNOWN_MS_MAX = 480_000;

export function createKnownLoss(): KnownLoss {
  const losses: Loss[] = [];
  const delays: number[] = [];
  const learn = (account: string, atMs: number, tells: (loss: Loss) => boolean): void => {
    for (const loss of losses) {
      if (loss.account !== account || Number.isFinite(loss.knownAtMs) || !tells(loss)) continue;
      loss.knownAtMs = atMs;
      delays.push(atMs - loss.atMs);
    }
  };
  const find = ({ account, symbol, side }: Omit<Stop, 'clientId'>, sinceMs: number) =>
    losses.findLast(
      (loss) =>
        loss.account === account &&
        loss.symbol === symbol &&
        loss.side === side &&
        loss.atMs === sinceMs,
    );
  return {
    delays,
    note: (stop, atMs) => {
      losses.push({ ...stop, atMs, knownAtMs: Number.POSITIVE_INFINITY, isTold: false });
    },
    hear: (account, frame, atMs) => {
      if (losses.length === 0 || !frame.includes('"CANCELED"')) return;
      learn(account, atMs, ({ clientId }) => frame.includes(`"${clientId}"`));
    },
    read: (account, list, atMs) => {
      learn(account, atMs, ({ clientId }) => !list.includes(`"${clientId}"`));
    },
    knownAtMs: (at, sinceMs) => find(at, sinceMs)?.knownAtMs ?? sinceMs,
    isByHand: (at, sinceMs) => find(at, sinceMs) !== undefined,
    overdue: (nowMs) =>
      losses
        .filter((loss) => {
          const isOverdue = nowMs - loss.atMs > UNKNOWN_MS_MAX && !Number.isFinite(loss.knownAtMs);
          const isNews = isOverdue && !loss.isTold;
          loss.isTold ||= isOverdue;
          return isNews;
        })
        .map(
          ({ account, symbol, clientId, atMs }) =>
            `${symbol} of ${account}: nobody learned since ${new Date(atMs).toISOString()} that its stop ${clientId} was canceled by hand`,
        ),
  };
}
