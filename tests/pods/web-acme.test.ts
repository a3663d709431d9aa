/** The sites of athena with certificates of a real ACME authority (Pebble), which comes to the pod's HTTP port. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { required } from '#pkg/base';
import { PORTS } from '#operator/api';
import { startPebble, type Pebble } from '../harness/pebble.ts';
import { usePodFleet } from './fleet.ts';
import { findFreePort, type Pod } from './kubelet/index.ts';
import { visit, type Page } from './sites.ts';
import { soon } from './soon.ts';

const HOSTS = ['admin.kraite.test', 'kraite.test', 'docs.kraite.test'] as const;
const POD_ADDRESS = '127.0.0.2';
/** Renewed with a third left: two thirds of it are what the last test waits. */
const VALIDITY_SECONDS = 36;

const fleet = usePodFleet({
  change: (spec) => ({
    ...spec,
    web: {
      adminHost: HOSTS[0],
      publicHost: HOSTS[1],
      docsHost: HOSTS[2],
      tls: { acmeEmail: 'operator@kraite.test', secret: null },
    },
  }),
});
let pebble: Pebble | undefined;
let httpPort = 0;
let pod: Pod;

beforeAll(async () => {
  httpPort = await findFreePort();
  pebble = await startPebble({
    httpPort,
    address: POD_ADDRESS,
    validitySeconds: VALIDITY_SECONDS,
  });
  pod = await startWeb(pebble);
}, 300_000);

afterAll(async () => pebble?.[Symbol.asyncDispose]());

function startWeb(authority: Pebble): Promise<Pod> {
  return fleet.start(fleet.workload('athena-web'), {
    ports: new Map([[PORTS.http, httpPort]]),
    environment: {
      KRAITE_ACME_DIRECTORY_URL: authority.directoryUrl,
      NODE_EXTRA_CA_CERTS: authority.trustFile,
    },
  });
}

async function askAll(): Promise<readonly Page[]> {
  const authority = required(pebble, 'the authority runs');
  const trusts = await authority.readRoot();
  const address = pod.url('https', 'https');
  return Promise.all(HOSTS.map((host) => visit({ address, host, trusts })));
}

function countIssued(): number {
  return (pebble?.log() ?? '').split('Issued certificate serial').length - 1;
}

test('the pod is ready before it has a certificate, and gets one for all hosts', async () => {
  await pod.ready();
  await soon(async () => {
    const pages = await askAll();
    expect(pages.every(({ status = 500 }) => status < 400)).toBe(true);
    expect(new Set(pages.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });
  expect((await pod.facts()).reasons).toEqual([]);
  expect(countIssued()).toBe(1);
});

test('the pod that replaces it serves the same certificate and orders none', async () => {
  const [before] = await askAll();
  await pod.terminate();
  pod = await startWeb(required(pebble, 'the authority runs'));
  await pod.ready();
  await soon(async () => {
    const [after] = await askAll();
    expect(after?.fingerprint).toBe(before?.fingerprint);
  });
  expect(countIssued()).toBe(1);
});

test('it is renewed while a third of its life is left, without a restart', async () => {
  const [before] = await askAll();
  await soon(async () => {
    const [after] = await askAll();
    expect(after?.fingerprint).not.toBe(before?.fingerprint);
  });
  expect((await pod.facts()).reasons).toEqual([]);
});

test('an authority that cannot reach the hosts: the pod says so and serves on', async () => {
  await pod.terminate();
  await using deaf = await startPebble({
    httpPort: await findFreePort(),
    address: POD_ADDRESS,
    validitySeconds: VALIDITY_SECONDS,
  });
  pod = await startWeb(deaf);
  await pod.ready();
  await soon(async () => {
    expect(await pod.facts()).toMatchObject({ isReady: true, reasons: ['CertificateRefused'] });
  });
  const page = await visit({ address: pod.url('http'), host: HOSTS[1] });
  expect(page.status).toBe(308);
});
