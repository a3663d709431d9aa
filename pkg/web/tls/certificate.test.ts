import { expect, test } from 'vitest';

import { makeSelfSigned } from '../../../tests/harness/self-signed.ts';
import { CertificateError, readCertificate } from './certificate.ts';

test('a pair says which hosts it covers', () => {
  const facts = readCertificate(makeSelfSigned(['*.kraite.test', 'kraite.test']));
  expect(facts.covers('admin.kraite.test')).toBe(true);
  expect(facts.covers('kraite.example')).toBe(false);
  expect(facts.validUntilMs).toBeGreaterThan(facts.validFromMs);
});

test('a key of another certificate, and what is no PEM, are refused with what is wrong', () => {
  const one = makeSelfSigned(['kraite.test']);
  const { privateKey } = makeSelfSigned(['kraite.test']);
  expect(() => readCertificate({ ...one, privateKey })).toThrow(CertificateError);
  expect(() => readCertificate({ ...one, privateKey })).toThrow(/does not belong/);
  expect(() => readCertificate({ ...one, chain: 'half a file' })).toThrow(/both must be PEM/);
});
