import { expect, test } from 'vitest';
import { parseEgressProof } from '#pkg/egress';
import { EGRESS_TIMES } from '#operator/api';
import { doubtOf, nextProof, recallProof, unproved, writtenProof } from './proof.ts';

const NOW_MS = Date.parse('2026-11-27T10:00:00Z');
const IP = '203.0.113.13';
const confirmed = nextProof(unproved(IP), { kind: 'confirmed' }, NOW_MS);
const contradicted = nextProof(
  confirmed,
  { kind: 'contradicted', address: '203.0.113.10' },
  NOW_MS,
);

test('an address that nobody saw is unverified, and a proof counts for its time', () => {
  expect(doubtOf(unproved(IP), NOW_MS)).toBe('EgressUnverified');
  expect(doubtOf(confirmed, NOW_MS + EGRESS_TIMES.validMs)).toBeUndefined();
  expect(doubtOf(confirmed, NOW_MS + EGRESS_TIMES.validMs + 1)).toBe('EgressUnconfirmed');
});

test('silence neither proves nor contradicts; only a confirmation ends a contradiction', () => {
  const unclear = { kind: 'unclear', why: '' } as const;
  expect(nextProof(confirmed, unclear, NOW_MS + 1)).toEqual(confirmed);
  expect(nextProof(contradicted, unclear, NOW_MS + 1)).toEqual(contradicted);
  expect(doubtOf(contradicted, NOW_MS)).toBe('EgressIdentityMismatch');
  const again = nextProof(contradicted, { kind: 'confirmed' }, NOW_MS + 1);
  expect(doubtOf(again, NOW_MS + 1)).toBeUndefined();
});

test('what is written for the processes of the box is read back by them, and by the next agent', () => {
  for (const proof of [unproved(IP), confirmed, contradicted]) {
    const written = writtenProof('eos', proof);
    expect(parseEgressProof(JSON.stringify(written))).toEqual(written);
    expect(recallProof(IP, written)).toEqual(proof);
    expect(recallProof('203.0.113.14', written)).toEqual(unproved('203.0.113.14'));
  }
  expect(writtenProof('eos', unproved(IP)).reason).toBe('EgressUnverified');
  expect(writtenProof('eos', confirmed)).toEqual({
    box: 'eos',
    egressIP: IP,
    observedIP: IP,
    verifiedAt: '2026-11-27T10:00:00.000Z',
    validUntil: '2026-11-27T10:03:00.000Z',
    protectUntil: '2026-11-27T11:00:00.000Z',
  });
});
