/** The name of one object. It says what to look at, never what happened to it. */
export interface Request {
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

export type Result =
  | { readonly kind: 'settled' }
  | { readonly kind: 'checkAgain'; readonly afterMs: number };

/**
 * Makes the world match one object.
 *
 * Level-triggered: read everything you need, decide, act, return. Events are merged and dropped, so a reconciler that
 * depends on one is wrong. A throw requeues with back-off; a {@link TerminalError} is logged and counted, and waits for
 * the object to change. The queue never runs one request twice at a time.
 */
export interface Reconciler {
  reconcile(request: Request, signal: AbortSignal): Promise<Result>;
}

/** Trying again cannot help: somebody must change the object first. */
export class TerminalError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'TerminalError';
  }
}
