import type { Reason } from '#pkg/base';
import type { AccountId, Lane } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

export type HoldScope =
  | { readonly kind: 'fleet' }
  | { readonly kind: 'lane'; readonly lane: Lane }
  | { readonly kind: 'account'; readonly accountId: AccountId };

export interface Hold {
  readonly scope: HoldScope;
  /** Who set it as a rule: `person`, or the name of a guard or mode. One hold of a source stands on a scope. */
  readonly source: string;
  /** Who set it this time: a person's name, or the source again. */
  readonly owner: string;
  readonly reason: Reason;
  readonly why: string;
  readonly sinceMs: number;
  /** Ends by itself then, by the wall clock; absent: when somebody ends it. */
  readonly untilMs?: number;
  /** Reaches what protects and closes, too: a freeze, and nothing else. */
  readonly isAbsolute?: true;
}

const PREFIX = 'hold:';
const ENDED = '';

/** Returns the holds that stand at `nowMs`, the oldest first. Rejects with StoreUnavailableError. */
export async function listHolds(
  settings: Pick<SettingStore, 'listByPrefix'>,
  nowMs: number,
): Promise<readonly Hold[]> {
  const values = await settings.listByPrefix(PREFIX);
  return [...values.values()]
    .filter((value) => value !== ENDED)
    .map((value) => JSON.parse(value) as Hold)
    .filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs)
    .toSorted((a, b) => a.sinceMs - b.sinceMs);
}

/** Lets a hold stand in place of the one that its source had on its scope. */
export async function setHold(settings: SettingStore, hold: Hold, nowMs: number): Promise<void> {
  await settings.set(nameOf(hold), JSON.stringify(hold), nowMs);
}

/** Ends the hold of a source on a scope; whether one stood is known from `listHolds`. */
export async function endHold(
  settings: SettingStore,
  hold: Pick<Hold, 'scope' | 'source'>,
  nowMs: number,
): Promise<void> {
  await settings.set(nameOf(hold), ENDED, nowMs);
}

function nameOf({ scope, source }: Pick<Hold, 'scope' | 'source'>): string {
  return `${PREFIX}${source}:${keyOf(scope)}`;
}

function keyOf(scope: HoldScope): string {
  switch (scope.kind) {
    case 'fleet':
      return 'fleet';
    case 'lane':
      return `lane:${scope.lane}`;
    case 'account':
      return `account:${scope.accountId}`;
  }
}
