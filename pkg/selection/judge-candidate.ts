import { evaluate, findSymbolCooldown, judgePair, type Decision } from '#pkg/lifecycles';
import type { Store } from '#pkg/store';

import {
  CANDIDATE_POLICIES,
  symbolHasCooled,
  type CandidateFacts,
} from './rules/selection-policy.ts';

/** Asks everything that a symbol is asked before it gets a slot; what has to be read for it comes last. */
export async function judgeCandidate(
  { settings }: Pick<Store, 'settings'>,
  facts: CandidateFacts,
): Promise<Decision> {
  const decision = evaluate(CANDIDATE_POLICIES, facts);
  if (decision.kind === 'refused') return decision;
  const { symbol, nowMs } = facts;
  const coolsUntilMs = await findSymbolCooldown(settings, symbol.rules.symbol, nowMs);
  const cooled = symbolHasCooled({ symbol, coolsUntilMs });
  if (cooled.kind === 'refused') return cooled;
  const pair = {
    accountId: facts.account.id,
    symbol: symbol.rules.symbol,
    direction: facts.direction,
  };
  return judgePair(settings, pair, nowMs);
}
