/** What the last look at a side came to, candidate by candidate: kept so that `kraite why SYMBOL` can tell it. */
import type { Account, Direction, SymbolName } from '#pkg/domain';
import type { Reason } from '#pkg/base';
import type { SettingStore } from '#pkg/store';

import type { Picked, Tier } from './rules/pick-candidates.ts';
import type { Factors } from './rules/score-candidate.ts';

/** So many of those that got no slot are kept, with their figures. */
export const WAITING_MAX = 50;

export interface RankedAnswer {
  readonly symbol: SymbolName;
  readonly rank: number;
  /** Undefined when the slots were full before its turn. */
  readonly slot?: number;
  readonly tier: Tier;
  readonly diversification: number;
  readonly score?: number;
  readonly factors?: Factors;
  /** Why it has no score. */
  readonly reason?: Reason;
  readonly message?: string;
}

export interface StoredLook {
  readonly atMs: number;
  /** In the order in which slots were given. */
  readonly ranked: readonly RankedAnswer[];
  readonly refused: Readonly<Partial<Record<Reason, readonly SymbolName[]>>>;
}

function settingOf(account: Pick<Account, 'id'>, direction: Direction): string {
  return `look:${account.id}:${direction}`;
}

export async function saveLook(
  settings: Pick<SettingStore, 'set'>,
  side: { readonly account: Pick<Account, 'id'>; readonly direction: Direction },
  look: {
    readonly atMs: number;
    readonly taken: readonly (Picked & { readonly slot: number })[];
    readonly waiting: readonly Picked[];
    readonly refused: ReadonlyMap<Reason, readonly SymbolName[]>;
  },
): Promise<void> {
  const stored: StoredLook = {
    atMs: look.atMs,
    ranked: [...look.taken, ...look.waiting].map(toAnswer),
    refused: Object.fromEntries(look.refused),
  };
  await settings.set(settingOf(side.account, side.direction), JSON.stringify(stored), look.atMs);
}

export async function findLook(
  settings: Pick<SettingStore, 'find'>,
  account: Pick<Account, 'id'>,
  direction: Direction,
): Promise<StoredLook | undefined> {
  const text = await settings.find(settingOf(account, direction));
  return text === undefined ? undefined : (JSON.parse(text) as StoredLook);
}

function toAnswer(picked: Picked & { readonly slot?: number }): RankedAnswer {
  const { symbol, rank, slot, tier, diversification, score } = picked;
  return {
    symbol,
    rank,
    ...(slot === undefined ? {} : { slot }),
    tier,
    diversification: rounded(diversification),
    ...(score.kind === 'scored'
      ? { score: rounded(score.score), factors: mapValues(score.factors) }
      : { reason: score.reason, message: score.message }),
  };
}

function mapValues({ elasticity, correlation, room, stability }: Factors): Factors {
  return {
    elasticity: rounded(elasticity),
    correlation: rounded(correlation),
    room: rounded(room),
    stability: rounded(stability),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
