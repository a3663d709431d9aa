/** Pairs in which the venue holds something that is not the fleet's: remembered, so that no slot is taken for them in vain. */
import type { Reason } from '#pkg/base';
import type { AccountId, Direction, SymbolName } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

import { decide, type Decision } from './opening-policy.ts';

/** After this the venue is asked again. */
const REMEMBERED_MS = 15 * 60_000;

interface Pair {
  readonly accountId: AccountId;
  readonly symbol: SymbolName;
  readonly direction: Direction;
}

interface TakenPair {
  readonly reason: Reason;
  readonly message: string;
  readonly untilMs: number;
}

function settingOf({ accountId, symbol, direction }: Pair): string {
  return `taken-pair:${accountId}:${symbol}:${direction}`;
}

/** Writes why the pair of an opening was refused. */
export async function rememberTakenPair(
  settings: Pick<SettingStore, 'set'>,
  pair: Pair,
  { reason, message }: Pick<TakenPair, 'reason' | 'message'>,
  nowMs: number,
): Promise<void> {
  const taken: TakenPair = { reason, message, untilMs: nowMs + REMEMBERED_MS };
  await settings.set(settingOf(pair), JSON.stringify(taken), nowMs);
}

/** Refuses a pair that was found taken lately, with what was found. */
export async function judgePair(
  settings: Pick<SettingStore, 'find'>,
  pair: Pair,
  nowMs: number,
): Promise<Decision> {
  const value = await settings.find(settingOf(pair));
  const taken = value === undefined ? undefined : (JSON.parse(value) as TakenPair);
  const isTaken = taken !== undefined && taken.untilMs > nowMs;
  return decide(!isTaken, taken?.reason ?? 'PairAlreadyHeld', taken?.message ?? '');
}
