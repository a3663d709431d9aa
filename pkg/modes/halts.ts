import type { SettingStore } from '#pkg/store';

/** A guard holds every opening of the fleet: it has an owner, a reason in words, and a rule by which it ends. */
export interface Halt {
  /** The health signal that set it; at most one of each stands. */
  readonly owner: string;
  readonly why: string;
  readonly sinceMs: number;
  /** When its cause was last seen. */
  readonly lastSeenMs: number;
}

/** A halt ends by itself when its cause was not seen for so long. Source: the predecessor's 30 clean minutes. */
export const HALT_CLEAN_MS = 30 * 60_000;

const SETTING = 'opening-halts';

/** Returns the halts that stand. Rejects with StoreUnavailableError. */
export async function readHalts(settings: Pick<SettingStore, 'find'>): Promise<readonly Halt[]> {
  const value = await settings.find(SETTING);
  return value === undefined ? [] : (JSON.parse(value) as readonly Halt[]);
}

/** Lets exactly these halts stand. */
export async function saveHalts(
  settings: Pick<SettingStore, 'set'>,
  halts: readonly Halt[],
  nowMs: number,
): Promise<void> {
  await settings.set(SETTING, JSON.stringify(halts), nowMs);
}

/** Returns the halts after a look that saw `causes`, which of them are new and which have ended. Pure. */
export function followHalts(
  before: readonly Halt[],
  causes: readonly { readonly owner: string; readonly why: string }[],
  nowMs: number,
): {
  readonly halts: readonly Halt[];
  readonly set: readonly Halt[];
  readonly released: readonly Halt[];
} {
  const known = new Map(before.map((halt) => [halt.owner, halt]));
  const seen = causes.map(({ owner, why }): Halt => ({
    owner,
    why,
    sinceMs: known.get(owner)?.sinceMs ?? nowMs,
    lastSeenMs: nowMs,
  }));
  const unseen = before.filter((halt) => !causes.some(({ owner }) => owner === halt.owner));
  const isClean = (halt: Halt): boolean => nowMs - halt.lastSeenMs >= HALT_CLEAN_MS;
  return {
    halts: [...seen, ...unseen.filter((halt) => !isClean(halt))],
    set: seen.filter(({ owner }) => !known.has(owner)),
    released: unseen.filter(isClean),
  };
}
