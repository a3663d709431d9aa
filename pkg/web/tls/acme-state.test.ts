import { expect, test } from 'vitest';

import { acmeRetryMs, parseAcmeState, planAcme } from './acme-state.ts';
import { findCertificateFault, renewalMs, type CertificateFacts } from './certificate.ts';

const DAY_MS = 86_400_000;
const HOSTS = { admin: 'admin.kraite.test', public: 'kraite.test', docs: 'docs.kraite.test' };
const ALL = Object.values(HOSTS);

function factsOf(names: readonly string[] = ALL): CertificateFacts {
  return {
    validFromMs: 0,
    validUntilMs: 90 * DAY_MS,
    covers: (host) => names.includes(host),
  };
}

test.each([
  ['there is none', undefined, DAY_MS, { kind: 'order' }],
  ['it is young', factsOf(), DAY_MS, { kind: 'wait', untilMs: 60 * DAY_MS }],
  ['a third of its life is left', factsOf(), 60 * DAY_MS, { kind: 'order' }],
  ['it has ended', factsOf(), 91 * DAY_MS, { kind: 'order' }],
  ['a host was added', factsOf([HOSTS.admin, HOSTS.public]), DAY_MS, { kind: 'order' }],
] as const)('a certificate is ordered or kept when %s', (_when, facts, nowMs, plan) => {
  expect(planAcme({ facts }, { hosts: HOSTS, nowMs })).toEqual(plan);
});

test('after a failed order nothing is ordered before its time, and a certificate that is good still counts', () => {
  const retryAtMs = 2 * DAY_MS;
  const options = { hosts: HOSTS, nowMs: DAY_MS };
  expect(planAcme({ retryAtMs }, options)).toEqual({ kind: 'wait', untilMs: retryAtMs });
  const facts = factsOf();
  expect(planAcme({ facts, retryAtMs }, options)).toEqual({
    kind: 'wait',
    untilMs: renewalMs(facts),
  });
});

test('no hour sees five orders that fail', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 20].map((failures) => acmeRetryMs(failures) / 60_000);
  expect(waits).toEqual([1, 4, 16, 64, 256, 360, 360, 360]);
});

test.each([
  ['nothing', undefined, DAY_MS, 'CertificateMissing'],
  ['one that ended', factsOf(), 90 * DAY_MS, 'CertificateExpired'],
  ['one that has not begun', factsOf(), -1, 'CertificateExpired'],
  ['one of other hosts', factsOf([HOSTS.admin]), DAY_MS, 'CertificateNotForHost'],
  ['a good one', factsOf(), DAY_MS, undefined],
] as const)('visitors are warned of %s', (_what, facts, nowMs, reason) => {
  expect(findCertificateFault(facts, { hosts: HOSTS, nowMs })).toBe(reason);
});

test('a row of another authority counts for nothing', () => {
  const state = { directoryUrl: 'https://a.test/dir', accountKey: 'key', failures: 0 };
  expect(parseAcmeState(JSON.stringify(state), 'https://a.test/dir')).toEqual(state);
  expect(parseAcmeState(JSON.stringify(state), 'https://b.test/dir')).toBeUndefined();
  expect(parseAcmeState(undefined, 'https://a.test/dir')).toBeUndefined();
});
