/** Everything the live screen shows, as a plain value; `renderScreen` turns it into lines. */
export interface ScreenModel {
  readonly fleet: string;
  readonly mode: string;
  readonly phase: 'starting' | 'running' | 'draining' | 'stopping';
  readonly uptimeMs: number;
  /** Undefined runs until Ctrl-C. */
  readonly remainingMs?: number | undefined;
  readonly sites: readonly { readonly name: string; readonly url: string }[];
  readonly boxes: readonly ScreenBox[];
  readonly positions: readonly ScreenPosition[];
  readonly totals: ScreenTotals;
  /** Newest last. */
  readonly events: readonly ScreenEvent[];
  /** What a drain waits for. */
  readonly waitsFor?: string | undefined;
}

export interface ScreenBox {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly reason: string | undefined;
  readonly address: string | undefined;
  readonly lanes: readonly ScreenLane[];
  /** Request weight of this address in the current window; undefined where the box calls no venue. */
  readonly budget: { readonly used: number; readonly max: number } | undefined;
}

export interface ScreenLane {
  readonly name: string;
  readonly slots: number;
  readonly busy: number;
}

/** Prices are plain numbers here: they only place marks on a line, and are shown as `…Text`. */
export interface ScreenPosition {
  readonly symbol: string;
  readonly direction: 'long' | 'short';
  readonly status: string;
  readonly reason: string | undefined;
  readonly stop: number | undefined;
  readonly rungs: readonly { readonly price: number; readonly isFilled: boolean }[];
  readonly entry: number | undefined;
  readonly mark: number | undefined;
  readonly profit: number | undefined;
  readonly pnlUsdt: string | undefined;
  readonly ageMs: number;
}

export interface ScreenTotals {
  readonly opened: number;
  readonly closed: number;
  readonly realizedUsdt: string;
}

export interface ScreenEvent {
  readonly atMs: number;
  readonly kind: string;
  readonly message: string;
  readonly reason: string | undefined;
}
