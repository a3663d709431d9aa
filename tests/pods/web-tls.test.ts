/** The sites of athena over TLS with a certificate of a Secret, and the first password. */
import { beforeAll, describe, expect, test } from 'vitest';

import { required } from '#pkg/base';
import { SECRET_KEYS } from '#operator/api';
import { fleetNames } from '#operator/resources';
import { makeSelfSigned } from '../harness/self-signed.ts';
import { ADMIN_PASSWORD, secretOf, usePodFleet } from './fleet.ts';
import type { Pod } from './kubelet/index.ts';
import { visit } from './sites.ts';
import { soon } from './soon.ts';

const HOSTS = { admin: 'admin.kraite.test', public: 'www.kraite.test', docs: 'docs.kraite.test' };
const WILDCARD = '*.kraite.test';
const first = makeSelfSigned([WILDCARD]);
const fleet = usePodFleet({
  change: (spec) => ({
    ...spec,
    web: {
      adminHost: HOSTS.admin,
      publicHost: HOSTS.public,
      docsHost: HOSTS.docs,
      tls: { acmeEmail: null, secret: 'sites-tls' },
    },
  }),
  objects: [tlsSecret(first)],
});
let pod: Pod;

function tlsSecret({ chain, privateKey }: ReturnType<typeof makeSelfSigned>) {
  return secretOf('sites-tls', { 'tls.crt': chain, 'tls.key': privateKey });
}

beforeAll(async () => {
  pod = await fleet.start(fleet.workload('athena-web'));
  await pod.ready();
});

describe('with a certificate of a Secret', () => {
  test.each(Object.values(HOSTS))('%s answers over TLS', async (host) => {
    const page = await visit({ address: pod.url('https', 'https'), host, trusts: first.chain });
    expect(page.status).toBeLessThan(400);
    expect(page.headers['strict-transport-security']).toBeDefined();
  });

  test('a host that is none of the three is told so', async () => {
    const address = pod.url('https', 'https');
    const page = await visit({ address, host: 'other.kraite.test', trusts: first.chain });
    expect(page.status).toBe(421);
  });

  test('over HTTP everybody is sent to the same page over TLS, and nobody to a foreign host', async () => {
    const address = pod.url('http');
    const page = await visit({ address, host: HOSTS.docs, path: '/adr/1?x=1' });
    expect([page.status, page.headers.location]).toEqual([308, `https://${HOSTS.docs}/adr/1?x=1`]);
    expect((await visit({ address, host: 'evil.example' })).status).toBe(421);
    const unknown = await visit({
      address,
      host: HOSTS.docs,
      path: '/.well-known/acme-challenge/x',
    });
    expect(unknown.status).toBe(308);
  });

  test('a Secret that is rotated is served without a restart; one that does not fit is not', async () => {
    const second = makeSelfSigned([WILDCARD]);
    const ask = (trusts: string) =>
      visit({ address: pod.url('https', 'https'), host: HOSTS.public, trusts });
    fleet.kubelet.update(tlsSecret({ ...second, privateKey: first.privateKey }));
    await soon(() => expect(pod.log()).toContain('does not belong to the certificate'));
    expect((await ask(first.chain)).status).toBe(200);
    fleet.kubelet.update(tlsSecret(second));
    await soon(async () => expect((await ask(second.chain)).status).toBe(200));
    await expect(ask(first.chain)).rejects.toThrow(/self-signed/);
  });

  test('a certificate of another host is served, and shown as a fault', async () => {
    fleet.kubelet.update(tlsSecret(makeSelfSigned(['other.example'])));
    await soon(async () => {
      expect(await pod.facts()).toMatchObject({
        isReady: true,
        reasons: ['CertificateNotForHost'],
      });
    });
    fleet.kubelet.update(tlsSecret(first));
    await soon(async () => expect((await pod.facts()).reasons).toEqual([]));
  });
});

describe('the first password', () => {
  const logIn = (password: string) =>
    visit({
      address: pod.url('https', 'https'),
      host: HOSTS.admin,
      path: '/login',
      trusts: first.chain,
      form: { name: 'admin', password },
    });

  test('opens the admin site, with a cookie for TLS only', async () => {
    const page = await logIn(ADMIN_PASSWORD);
    expect(page.status).toBe(303);
    expect(String(page.headers['set-cookie'])).toMatch(/Secure/);
  });

  test('counts once: another one in the Secret opens nothing, and the one in use stays', async () => {
    const name = fleetNames(fleet.context.fleet).adminSecret;
    fleet.kubelet.update(secretOf(name, { [SECRET_KEYS.adminPassword]: 'another-password' }));
    await pod.terminate();
    pod = await fleet.start(fleet.workload('athena-web'));
    await pod.ready();
    expect((await logIn('another-password')).status).toBe(401);
    expect((await logIn(ADMIN_PASSWORD)).status).toBe(303);
    const user = required(await fleet.store.users.findByName('admin'), 'the operator exists');
    expect(user.passwordHash).not.toContain(ADMIN_PASSWORD);
  });
});
