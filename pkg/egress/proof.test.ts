import { describe, expect, test } from 'vitest';

import { judgeProof, parseEgressProof, type EgressProof, type ProofQuestion } from './proof.ts';

const VERIFIED_MS = Date.parse('2026-11-27T10:00:00Z');
const PROOF: EgressProof = {
  box: 'eos',
  egressIP: '203.0.113.13',
  observedIP: '203.0.113.13',
  verifiedAt: new Date(VERIFIED_MS).toISOString(),
  validUntil: new Date(VERIFIED_MS + 180_000).toISOString(),
  protectUntil: new Date(VERIFIED_MS + 3_600_000).toISOString(),
};

function judge(proof: EgressProof | undefined, question: Partial<ProofQuestion> = {}) {
  const base = {
    egressAddress: '203.0.113.13',
    nowMs: VERIFIED_MS + 1_000,
    accusedAtMs: undefined,
  };
  return (['normal', 'protective'] as const).map((priority) =>
    judgeProof(proof, { ...base, ...question, priority }),
  );
}

describe('a proof of the address', () => {
  test.each([
    ['fresh', PROOF, {}, [undefined, undefined]],
    ['missing', undefined, {}, ['EgressUnverified', 'EgressUnverified']],
    [
      'of another address',
      { ...PROOF, egressIP: '203.0.113.14' },
      {},
      ['EgressUnverified', 'EgressUnverified'],
    ],
    [
      'older than ordinary work may rely on',
      PROOF,
      { nowMs: VERIFIED_MS + 180_001 },
      ['EgressUnconfirmed', undefined],
    ],
    [
      'older than anything may rely on',
      PROOF,
      { nowMs: VERIFIED_MS + 3_600_001 },
      ['EgressUnverified', 'EgressUnverified'],
    ],
    [
      'contradicted by the agent',
      { ...PROOF, reason: 'EgressIdentityMismatch' as const },
      {},
      ['EgressIdentityMismatch', 'EgressIdentityMismatch'],
    ],
    [
      'contradicted by the venue after it',
      PROOF,
      { accusedAtMs: VERIFIED_MS + 500 },
      ['EgressIdentityMismatch', 'EgressIdentityMismatch'],
    ],
    [
      'made after the venue had contradicted an earlier one',
      PROOF,
      { accusedAtMs: VERIFIED_MS - 500 },
      [undefined, undefined],
    ],
  ])('%s', (_name, proof, question, verdicts) => {
    expect(judge(proof, question)).toEqual(verdicts);
  });

  test('is read back as it was written, and half a file is none', () => {
    const text = JSON.stringify(PROOF);
    expect(parseEgressProof(text)).toEqual(PROOF);
    expect(parseEgressProof(text.slice(0, -5))).toBeUndefined();
    expect(parseEgressProof(JSON.stringify({ ...PROOF, validUntil: 'soon' }))).toBeUndefined();
    expect(parseEgressProof(JSON.stringify({ ...PROOF, reason: 'Whatever' }))).toBeUndefined();
  });
});
