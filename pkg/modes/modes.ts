import type { Reason } from '#pkg/base';

/** What a mode of the fleet lets happen, and how long it is meant to stand. */
export interface Mode {
  /** The word that everything it holds shows; undefined for the ordinary mode, which holds nothing. */
  readonly reason: Reason | undefined;
  readonly opens: boolean;
  /** Begins work that neither protects nor closes. */
  readonly admits: boolean;
  /** Begins, and goes on with, work that protects or closes. */
  readonly protects: boolean;
  /** Standing longer is alarmed; undefined where a person may mean it to last. */
  readonly standsMsMax: number | undefined;
  readonly means: string;
}

const MINUTE_MS = 60_000;

/** Every mode by its name. The 45 minutes of maintenance are the predecessor's, after one that stood for 53 hours. */
export const MODES = {
  normal: {
    reason: undefined,
    opens: true,
    admits: true,
    protects: true,
    standsMsMax: undefined,
    means: 'everything goes on',
  },
  'warm-up': {
    reason: 'FleetWarmingUp',
    opens: false,
    admits: true,
    protects: true,
    standsMsMax: 15 * MINUTE_MS,
    means: 'the books are compared with the venue before anything opens; ends by itself',
  },
  'close-only': {
    reason: 'FleetClosesOnly',
    opens: false,
    admits: true,
    protects: true,
    standsMsMax: undefined,
    means: 'nothing opens; everything else goes on',
  },
  cooldown: {
    reason: 'FleetCoolingDown',
    opens: false,
    admits: false,
    protects: true,
    standsMsMax: 30 * MINUTE_MS,
    means: 'nothing new begins, and what runs comes to its end; what protects and closes goes on',
  },
  maintenance: {
    reason: 'FleetInMaintenance',
    opens: false,
    admits: false,
    protects: true,
    standsMsMax: 45 * MINUTE_MS,
    means: 'nothing new begins but health checks; what protects and closes goes on',
  },
  freeze: {
    reason: 'FleetFrozen',
    opens: false,
    admits: false,
    protects: false,
    standsMsMax: 5 * MINUTE_MS,
    means: 'no step begins, and so nothing protects a position: only stops at the venue do',
  },
} as const satisfies Record<string, Mode>;

export type ModeName = keyof typeof MODES;

export const MODE_NAMES = Object.keys(MODES) as readonly ModeName[];

/** The mode that stands, with who set it and why. */
export interface StandingMode {
  readonly name: ModeName;
  readonly by: string;
  readonly why: string;
  readonly sinceMs: number;
  /** Ends by itself then, by the wall clock: in a warm-up, or at once where nothing was held that must be caught up. */
  readonly untilMs?: number;
}

/** Returns why the mode holds what opens, what is new, or even what protects; undefined when it does not. */
export function holdOf(name: ModeName, what: 'opens' | 'admits' | 'protects'): Reason | undefined {
  const mode: Mode = MODES[name];
  return mode[what] ? undefined : mode.reason;
}

/** Returns the mode that follows when this one is ended: books come first wherever work was held. */
export function modeAfter(name: ModeName): ModeName {
  return MODES[name].admits ? 'normal' : 'warm-up';
}

/** Returns for how long a mode stands beyond what it is meant to; undefined while it does not. */
export function overdueMsOf(standing: StandingMode, nowMs: number): number | undefined {
  const { standsMsMax }: Mode = MODES[standing.name];
  if (standsMsMax === undefined) return undefined;
  const overdueMs = nowMs - standing.sinceMs - standsMsMax;
  return overdueMs > 0 ? overdueMs : undefined;
}
