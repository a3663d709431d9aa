/** Why the sides and slots of an account are filled or not: the questions of the slots, asked now. */
import type { Clock, Reason } from '#pkg/base';
import { DIRECTIONS, type Account, type Direction, type Position } from '#pkg/domain';
import { evaluate } from '#pkg/lifecycles';
import type { Store } from '#pkg/store';

import { readFilledRungs, readOpeningFacts } from './opening-facts.ts';
import { causeSettingOf, refusalSettingOf } from './record-refusal.ts';
import { freeSlots, SIDE_POLICIES } from './rules/selection-policy.ts';
import { underMarket } from './rules/under-market.ts';

/** What one side of an account answers to "why is nothing opened". */
export interface SideExplanation {
  readonly side: Direction;
  readonly slots: number;
  readonly taken: readonly Position[];
  readonly free: readonly number[];
  /** First refusal of the gates now; where they all allow, that of the last look at the symbols. Undefined: it may open. */
  readonly reason: Reason | undefined;
  readonly message: string;
}

/** Returns what each side of an account answers now, by the gates of the slots in their order. */
export async function explainAccount(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  account: Account,
): Promise<readonly SideExplanation[]> {
  const open = await store.positions.listOpen({ accountId: account.id });
  const facts = await readOpeningFacts({ store, clock }, account);
  const filledRungs = await readFilledRungs(store.orders, open);
  const sides: SideExplanation[] = [];
  for (const direction of DIRECTIONS) {
    const scaled = underMarket(account, direction, { market: facts.market, open });
    const decision = evaluate(SIDE_POLICIES, {
      ...facts,
      ...{ account: scaled, direction, open, filledRungs },
    });
    const answer =
      decision.kind === 'refused' ? decision : await readLastLook(store, account, direction);
    sides.push({
      side: direction,
      slots: scaled.settings.slots[direction],
      taken: open.filter((position) => position.direction === direction),
      free: freeSlots({ account: scaled, direction, open }),
      reason: answer.reason,
      message: answer.message,
    });
  }
  return sides;
}

async function readLastLook(
  { settings }: Pick<Store, 'settings'>,
  account: Account,
  direction: Direction,
): Promise<Pick<SideExplanation, 'reason' | 'message'>> {
  const [reason, cause] = await Promise.all([
    settings.find(refusalSettingOf(account, direction)),
    settings.find(causeSettingOf(account, direction)),
  ]);
  if (reason !== 'NoCandidate') {
    return { reason: undefined, message: 'Every gate is open: the next look fills what is free.' };
  }
  const most = cause === undefined || cause === '' ? '' : `, most of them because of ${cause}`;
  return {
    reason,
    message: `Every gate is open, and the last look found no symbol to take${most}.`,
  };
}
