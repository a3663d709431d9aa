import type { AccountId, Position } from '#pkg/domain';
import { believedStates, USER_STREAM_LEASE, type Store } from '#pkg/store';

import { readAllComparedAt } from './books-compared.ts';
import { countAddresses, planTurn } from './plan-turn.ts';

/** openOrders and openAlgoOrders of its symbol, and positionRisk. */
const WEIGHT_OF_POSITION = 7;

/** What a look of the timetable asks the venue about. */
export interface Suspects {
  /** Every position of these. */
  readonly accounts: readonly AccountId[];
  /** These of other accounts. */
  readonly positions: readonly Position[];
  /** Nothing that is open is left out. */
  readonly isAll: boolean;
}

/**
 * Returns first the accounts whose events may be missing and the positions that are on their way somewhere; of the others the
 * stream told everything, and they are looked at by turns.
 */
export async function findSuspects(store: Store): Promise<Suspects> {
  const [open, rows, lease, comparedAtMs, addresses] = await Promise.all([
    store.positions.listOpen(),
    store.accountStreams.list(),
    store.leases.find(USER_STREAM_LEASE),
    readAllComparedAt(store.settings),
    countAddresses(store),
  ]);
  const byAccount = Map.groupBy(open, ({ accountId }) => accountId);
  const states = believedStates([...byAccount.keys()], rows, lease);
  const gaps = states.filter(({ reason }) => reason !== undefined);
  const waiting = states
    .filter(({ reason }) => reason === undefined)
    .map(({ accountId }) => ({
      accountId,
      weight: WEIGHT_OF_POSITION * (byAccount.get(accountId)?.length ?? 0),
      lookedAtMs: comparedAtMs.get(accountId) ?? 0,
    }));
  const turn = planTurn(waiting, { addresses });
  const accounts = new Set([...gaps.map(({ accountId }) => accountId), ...turn]);
  const others = open.filter(({ accountId }) => !accounts.has(accountId));
  const positions = others.filter(({ status }) => status !== 'active');
  return { accounts: [...accounts], positions, isAll: others.length === 0 };
}
