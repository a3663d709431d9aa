import { formatInstant, parseInstant } from '#pkg/base';
import { EGRESS_TIMES } from '#operator/api';
import type { EgressProof } from '#pkg/egress';
import type { Verdict } from '#operator/egress-probe';

/** What is known of the address of a box. */
export interface Proof {
  readonly egressIP: string;
  /** When it was seen from outside last, wall clock; undefined when never. */
  readonly verifiedAtMs: number | undefined;
  /** Another address that was seen since. */
  readonly contradictedBy: string | undefined;
}

export type ProofReason = 'EgressUnverified' | 'EgressIdentityMismatch' | 'EgressUnconfirmed';

/** Returns what is known of an address that nobody has seen yet. */
export function unproved(egressIP: string): Proof {
  return { egressIP, verifiedAtMs: undefined, contradictedBy: undefined };
}

/** Returns what an agent before this one knew, when it was about the same address. */
export function recallProof(egressIP: string, written: EgressProof | undefined): Proof {
  if (written?.egressIP !== egressIP) return unproved(egressIP);
  const { verifiedAt, observedIP, reason } = written;
  return {
    egressIP,
    verifiedAtMs: verifiedAt === undefined ? undefined : parseInstant(verifiedAt),
    contradictedBy: reason === 'EgressIdentityMismatch' ? (observedIP ?? 'another one') : undefined,
  };
}

/** Returns what is known after one more look; nothing but a confirmation ends a contradiction. */
export function nextProof(proof: Proof, verdict: Verdict, nowMs: number): Proof {
  switch (verdict.kind) {
    case 'confirmed':
      return { ...proof, verifiedAtMs: nowMs, contradictedBy: undefined };
    case 'contradicted':
      return { ...proof, contradictedBy: verdict.address };
    case 'unclear':
      return proof;
  }
}

/** Returns why the address does not count as proved; undefined when it does. */
export function doubtOf(proof: Proof, nowMs: number): ProofReason | undefined {
  if (proof.contradictedBy !== undefined) return 'EgressIdentityMismatch';
  if (proof.verifiedAtMs === undefined) return 'EgressUnverified';
  return nowMs - proof.verifiedAtMs > EGRESS_TIMES.validMs ? 'EgressUnconfirmed' : undefined;
}

/** Returns egress.json. It says until when, so that it runs out by itself when no agent writes it any more. */
export function writtenProof(box: string, proof: Proof): EgressProof {
  const { egressIP, verifiedAtMs, contradictedBy } = proof;
  const until = (ms: number): string => formatInstant((verifiedAtMs ?? 0) + ms);
  const observedIP = contradictedBy ?? (verifiedAtMs === undefined ? undefined : egressIP);
  return {
    box,
    egressIP,
    ...(observedIP === undefined ? {} : { observedIP }),
    ...(verifiedAtMs === undefined ? {} : { verifiedAt: formatInstant(verifiedAtMs) }),
    validUntil: until(EGRESS_TIMES.validMs),
    protectUntil: until(EGRESS_TIMES.protectMs),
    ...(contradictedBy === undefined ? {} : { reason: 'EgressIdentityMismatch' }),
    ...(contradictedBy === undefined && verifiedAtMs === undefined
      ? { reason: 'EgressUnverified' }
      : {}),
  };
}
