import { formatInstant, parseInstant, REASONS } from '#pkg/base';
import {
  EGRESS_TIMES,
  type NodeEgressConditionType,
  type NodeEgressObject,
  type NodeEgressStatus,
} from '#operator/api';
import { mergeConditions, type WantedCondition } from '#operator/runtime';
import { findAgreed, type Observation } from '#operator/egress-probe';
import { doubtOf, type Proof } from './proof.ts';
import type { RulesReport } from './rule-keeper.ts';

/** What the agent found out about its box. */
export interface Findings {
  /** Undefined where nothing is enforced. */
  readonly rules: RulesReport | { readonly failed: string } | 'removed' | undefined;
  /** Undefined where the box has no address of its own to prove. */
  readonly proof: Proof | undefined;
  readonly observations: readonly Observation[];
}

interface Judgement {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

const NOT_ENFORCED: Judgement = {
  status: 'Unknown',
  reason: 'NotEnforced',
  message: 'The box carries no traffic to the venue: nothing is enforced here.',
};
const REMOVED: Judgement = {
  status: 'False',
  reason: 'RulesRemoved',
  message: 'The box is released: pods leave as the network of the cluster decides.',
};

/** Returns the status that `object` should have. */
export function buildStatus(
  object: NodeEgressObject,
  findings: Findings,
  nowMs: number,
): NodeEgressStatus {
  const { rules, proof, observations } = findings;
  const observedGeneration = object.metadata.generation ?? 0;
  const judgements: Readonly<Record<NodeEgressConditionType, Judgement>> = {
    RulesApplied: judgeRules(rules, 'RulesApplied'),
    GuardActive: judgeRules(rules, 'GuardActive'),
    Verified: judgeProof(rules === 'removed' ? undefined : proof, nowMs),
  };
  const wanted = Object.entries(judgements).map(([type, judgement]): WantedCondition => ({
    type,
    ...judgement,
    observedGeneration,
  }));
  const observedIP = findAgreed(observations);
  const verifiedAtMs = proof?.verifiedAtMs;
  return {
    observedGeneration,
    ...(observations.length === 0 ? {} : { observed: observations }),
    ...(observedIP === undefined ? {} : { observedIP }),
    ...(typeof rules === 'object' && 'hash' in rules ? { rulesHash: rules.hash } : {}),
    ...(verifiedAtMs === undefined ? {} : { verifiedAt: formatInstant(verifiedAtMs) }),
    conditions: mergeConditions(object.status?.conditions ?? [], wanted, nowMs),
  };
}

function judgeRules(rules: Findings['rules'], type: 'RulesApplied' | 'GuardActive'): Judgement {
  if (rules === undefined) return NOT_ENFORCED;
  if (rules === 'removed') return REMOVED;
  if ('failed' in rules) return { status: 'False', reason: 'RulesRefused', message: rules.failed };
  const isRight =
    type === 'GuardActive' ? rules.isGuardRight : rules.isGuardRight && rules.isEgressRight;
  return isRight
    ? {
        status: 'True',
        reason: 'RulesRight',
        message: 'The rules of the box are as they should be.',
      }
    : {
        status: 'False',
        reason: 'RulesWrong',
        message: 'The rules of the box are not as they should be, and were not to be changed.',
      };
}

function judgeProof(proof: Proof | undefined, nowMs: number): Judgement {
  if (proof === undefined)
    return { ...NOT_ENFORCED, message: 'There is no address to prove here.' };
  const reason = doubtOf(proof, nowMs);
  if (reason === undefined) {
    const message = `Services outside saw ${proof.egressIP}.`;
    return { status: 'True', reason: 'EgressVerified', message };
  }
  const { contradictedBy } = proof;
  const seen = contradictedBy === undefined ? '' : ` Seen: ${contradictedBy}.`;
  return { status: 'False', reason, message: `${REASONS[reason]}${seen}` };
}

/** Tells whether a status is worth a write: what it says changed, or it is so old that the agent might be dead. */
export function isWorthWriting(
  standing: NodeEgressStatus | undefined,
  next: NodeEgressStatus,
  nowMs: number,
): boolean {
  const facts = ({ observed, conditions, ...status }: NodeEgressStatus) =>
    JSON.stringify([
      status.observedGeneration,
      status.observedIP,
      status.rulesHash,
      observed?.map(({ endpoint, address }) => [endpoint, address]),
      conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
    ]);
  if (standing === undefined || facts(standing) !== facts(next)) return true;
  if (next.verifiedAt === undefined || next.verifiedAt === standing.verifiedAt) return false;
  const writtenAtMs = parseInstant(standing.verifiedAt) ?? 0;
  return nowMs - writtenAtMs >= EGRESS_TIMES.statusEveryMs;
}
