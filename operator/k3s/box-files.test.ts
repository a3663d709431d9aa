import { parse } from 'yaml';
import { expect, test } from 'vitest';

import { readGolden } from '../../tests/harness/golden.ts';
import { changed, fleetOf, SAMPLE } from '../../tests/harness/sample-fleet.ts';
import { planBoxFiles, type BoxFile, type K3sOptions } from './box-files.ts';
import { findOverlap } from './cluster-networks.ts';

const OPTIONS: K3sOptions = { privateInterface: 'enp7s0' };
const SERVERS = ['athena', 'tyche', 'hyperion'];
const AGENTS = ['eos', 'iris', 'nyx', 'hemera'];
const BACKUP = `s3:
        endpoint: http://objects.example:9000
        bucket: kraite-backups
        secret: backup-keys
`;
const WITH_BACKUP = changed('s3: null\n', BACKUP);

function filesOf(name: string, text = SAMPLE, options = OPTIONS): readonly BoxFile[] {
  const plan = planBoxFiles(fleetOf(text), name, options);
  if (plan.kind === 'refused') throw new Error(plan.message);
  return plan.files;
}

function configOf(name: string, text?: string, options?: K3sOptions) {
  return parse(filesOf(name, text, options)[0]?.text ?? '') as Record<string, unknown>;
}

function refusalOf(name: string, text = SAMPLE, options = OPTIONS): string {
  const plan = planBoxFiles(fleetOf(text), name, options);
  return plan.kind === 'refused' ? plan.message : '';
}

test.each([...SERVERS, ...AGENTS])('the files of %s are the golden ones', (name) => {
  const [config, ...others] = filesOf(name);
  expect(config?.text).toBe(readGolden(`k8s/k3s/${name}/config.yaml`, config?.text ?? ''));
  for (const { path, text } of others) {
    expect(text).toBe(readGolden(`k8s/k3s/every-box${path}`, text));
  }
});

/** What docs.k3s.io lists as having to be the same on all servers, as far as we set it. */
const CRITICAL = [
  'agent-token-file',
  'cluster-cidr',
  'service-cidr',
  'cluster-dns',
  'cluster-domain',
  'disable',
  'disable-helm-controller',
  'flannel-backend',
  'secrets-encryption',
];

test('servers agree on everything but their name, addresses, taints and how they join', () => {
  const own = ['cluster-init', 'server', 'node-name', 'node-ip', 'node-external-ip'];
  const common = SERVERS.map((name) => {
    const settings = Object.entries(configOf(name));
    return Object.fromEntries(
      settings.filter(([key]) => ![...own, 'node-label', 'node-taint'].includes(key)),
    );
  });
  expect(common[1]).toEqual(common[0]);
  expect(common[2]).toEqual(common[0]);
  expect(Object.keys(common[0] ?? {})).toEqual(expect.arrayContaining(CRITICAL));
});

test('one server begins the cluster, the others and the agents join it', () => {
  expect(configOf('athena')).toMatchObject({ 'cluster-init': true });
  expect(configOf('athena')).not.toHaveProperty('server');
  for (const name of ['tyche', 'hyperion', ...AGENTS]) {
    expect(configOf(name)).not.toHaveProperty('cluster-init');
    expect(configOf(name)).toMatchObject({ server: 'https://10.0.0.12:6443' });
  }
});

test('a first server that is rebuilt joins and begins no second cluster', () => {
  const config = configOf('athena', SAMPLE, { ...OPTIONS, joins: 'tyche' });
  expect(config).toMatchObject({ server: 'https://10.0.0.17:6443' });
  expect(config).not.toHaveProperty('cluster-init');
});

test('an agent holds the token of agents and no setting of servers', () => {
  for (const name of AGENTS) {
    const config = configOf(name);
    expect(config['token-file']).toBe('/etc/rancher/k3s/agent-token');
    for (const key of [...CRITICAL, 'tls-san', 'etcd-expose-metrics']) {
      expect(config).not.toHaveProperty([key]);
    }
  }
  expect(configOf('tyche')['token-file']).toBe('/etc/rancher/k3s/token');
});

test('a box labels itself with its name only', () => {
  for (const name of [...SERVERS, ...AGENTS]) {
    expect(configOf(name)['node-label']).toEqual([`fleet.kraite.io/box=${name}`]);
  }
});

test.each([
  {
    box: 'eos',
    taints: [
      'fleet.kraite.io/role=trading:NoSchedule',
      'fleet.kraite.io/egress-unverified=true:NoSchedule',
    ],
  },
  { box: 'hyperion', taints: ['fleet.kraite.io/role=core:NoSchedule'] },
  { box: 'athena', taints: undefined },
  { box: 'tyche', taints: undefined },
])('$box registers with the taints of its role', ({ box, taints }) => {
  expect(configOf(box)['node-taint']).toEqual(taints);
});

test('an extra box for the control plane keeps the pods of the fleet away', () => {
  const text = changed('      - hyperion\n\n', '      - selene\n\n').replace(
    '  controlPlane:',
    '      - name: selene\n        privateIP: 10.0.0.18\n\n  controlPlane:',
  );
  expect(configOf('selene', text)).toMatchObject({
    server: 'https://10.0.0.12:6443',
    'node-taint': ['node-role.kubernetes.io/control-plane=true:NoSchedule'],
  });
  expect(configOf('hyperion', text)).not.toHaveProperty('secrets-encryption');
});

test('snapshots of etcd go where backups go, and no file holds a key', () => {
  expect(configOf('tyche', WITH_BACKUP)).toMatchObject({
    'etcd-s3': true,
    'etcd-s3-endpoint': 'objects.example:9000',
    'etcd-s3-bucket': 'kraite-backups',
    'etcd-s3-insecure': true,
    'etcd-s3-folder': 'kraite/etcd',
  });
  expect(configOf('tyche')).not.toHaveProperty('etcd-s3');
  for (const name of [...SERVERS, ...AGENTS]) {
    for (const key of ['token', 'agent-token', 'etcd-s3-access-key', 'etcd-s3-secret-key']) {
      expect(configOf(name, WITH_BACKUP)).not.toHaveProperty([key]);
    }
  }
});

test('logind grants at least what the kubelet asks for, in a file that is read last', () => {
  const files = filesOf('eos');
  const find = (part: string) => files.find(({ path }) => path.includes(part));
  const kubelet = parse(find('kubelet.conf.d')?.text ?? '') as Record<string, string>;
  const delay = /InhibitDelayMaxSec=(\d+)/.exec(find('logind.conf.d')?.text ?? '')?.[1];
  expect(Number(delay)).toBeGreaterThanOrEqual(parseInt(kubelet['shutdownGracePeriod'] ?? '', 10));
  expect(['unattended-upgrades-logind-maxdelay.conf', 'zz-kraite.conf'].toSorted().at(-1)).toBe(
    find('logind.conf.d')?.path.split('/').at(-1),
  );
});

test.each([
  { name: 'eso', says: 'the fleet has no box eso; boxes are hyperion, athena, eos' },
  { name: 'eos', joins: 'nyx', says: 'nyx is no server; servers are athena, tyche, hyperion' },
  { name: 'athena', joins: 'athena', says: 'athena cannot join itself' },
  {
    name: 'eos',
    text: changed(/ {6}- athena\n {6}- tyche\n {6}- hyperion\n/, '').replace(
      'controlPlane:\n    boxes:\n',
      'controlPlane:\n    boxes: []\n',
    ),
    says: 'spec.controlPlane.boxes is empty',
  },
  {
    name: 'eos',
    text: SAMPLE.replaceAll('10.0.0.', '10.42.0.'),
    says: "10.42.0.0/16 overlaps the cluster's own 10.42.0.0/16",
  },
])('what cannot be rendered says what to change: $says', ({ name, text, joins, says }) => {
  const options = joins === undefined ? OPTIONS : { ...OPTIONS, joins };
  expect(refusalOf(name, text, options)).toContain(says);
});

test('an interface that could not be one is refused before it reaches a rule', () => {
  expect(refusalOf('eos', SAMPLE, { privateInterface: 'en" drop; "' })).toContain(
    'is no name of an interface',
  );
});

test.each([
  ['10.0.0.0/16', undefined],
  ['10.0.0.0/8', '10.42.0.0/16'],
  ['10.43.128.0/24', '10.43.0.0/16'],
  ['10.44.0.0/14', undefined],
  ['0.0.0.0/0', '10.42.0.0/16'],
])('the private network %s overlaps %s', (network, other) => {
  expect(findOverlap(network)).toBe(other);
});
