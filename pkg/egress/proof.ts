import { parseInstant, type Reason } from '#pkg/base';
import type { BudgetPriority } from '#pkg/budgets';

/** What the node agent of a box says of its address, as egress.json stands. Instants are RFC 3339. */
export interface EgressProof {
  readonly box: string;
  /** The address that the object gives to the box. */
  readonly egressIP: string;
  /** The address that echo services saw last. */
  readonly observedIP?: string;
  /** When they saw the right one last. */
  readonly verifiedAt?: string;
  /** Ordinary work stops then. */
  readonly validUntil: string;
  /** Work that protects a position stops then. */
  readonly protectUntil: string;
  /** The address is contradicted, or was never proved: nothing may leave. */
  readonly reason?: 'EgressIdentityMismatch' | 'EgressUnverified';
}

/** Returns the proof in the text of egress.json, or undefined when it holds no whole one. */
export function parseEgressProof(text: string): EgressProof | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isProof(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isProof(value: unknown): value is EgressProof {
  if (typeof value !== 'object' || value === null) return false;
  const proof = value as Partial<Record<keyof EgressProof, unknown>>;
  return (
    typeof proof.box === 'string' &&
    typeof proof.egressIP === 'string' &&
    isInstant(proof.validUntil) &&
    isInstant(proof.protectUntil) &&
    (proof.verifiedAt === undefined || isInstant(proof.verifiedAt)) &&
    (proof.reason === undefined ||
      proof.reason === 'EgressIdentityMismatch' ||
      proof.reason === 'EgressUnverified')
  );
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && parseInstant(value) !== undefined;
}

export interface ProofQuestion {
  /** The address under which this process counts its requests. */
  readonly egressAddress: string;
  readonly nowMs: number;
  readonly priority: BudgetPriority;
  /** When the venue itself saw another address; undefined when it never did. */
  readonly accusedAtMs: number | undefined;
}

/** Returns why work of this priority may not leave, or undefined when it may. The first refusal wins. */
export function judgeProof(
  proof: EgressProof | undefined,
  { egressAddress, nowMs, priority, accusedAtMs }: ProofQuestion,
): Reason | undefined {
  if (proof === undefined || proof.egressIP !== egressAddress) return 'EgressUnverified';
  if (proof.reason !== undefined) return proof.reason;
  if (accusedAtMs !== undefined && !isNewer(proof, accusedAtMs)) return 'EgressIdentityMismatch';
  if (nowMs > instantOf(proof.protectUntil)) return 'EgressUnverified';
  if (priority !== 'protective' && nowMs > instantOf(proof.validUntil)) return 'EgressUnconfirmed';
  return undefined;
}

function isNewer({ verifiedAt }: EgressProof, thanMs: number): boolean {
  return verifiedAt !== undefined && instantOf(verifiedAt) > thanMs;
}

/** What cannot be read is long over. */
function instantOf(text: string): number {
  return parseInstant(text) ?? 0;
}
