import { expect, test } from 'vitest';
import { changed, fleetOf, SAMPLE } from '../../../tests/harness/sample-fleet.ts';
import { renderCuts } from '../nodes/cuts.ts';
import { controlPlaneOf } from './control-plane.ts';
import { readK3sSettings } from './k3s-settings.ts';
import { planLab, SPARE, type LabPlan } from './lab-plan.ts';
import { cniConfigOf, nodeDaemonsOf } from './node-daemons.ts';

const plan = planLab(fleetOf(SAMPLE));

function nodeOf(name: string, of: LabPlan = plan) {
  const node = of.nodes.find((each) => each.name === name);
  if (node === undefined) throw new Error(`no box ${name}`);
  return node;
}

function flagsOf(box: string, daemon: string): readonly string[] {
  const daemons = controlPlaneOf(plan, nodeOf(box), true);
  return daemons.find(({ name }) => name === daemon)?.command ?? [];
}

test('the lab of the sample is its seven boxes at their addresses, and a spare one beside them', () => {
  expect(plan.nodes.map(({ name, privateIP, publicIP }) => [name, privateIP, publicIP])).toEqual([
    ['hyperion', '10.0.0.11', '192.0.2.11'],
    ['athena', '10.0.0.12', '203.0.113.12'],
    ['eos', '10.0.0.13', '203.0.113.13'],
    ['iris', '10.0.0.14', '203.0.113.14'],
    ['nyx', '10.0.0.15', '203.0.113.15'],
    ['hemera', '10.0.0.16', '203.0.113.16'],
    ['tyche', '10.0.0.17', '203.0.113.17'],
    [SPARE, '10.0.0.18', '192.0.2.18'],
  ]);
  expect(plan.servers.map(({ name }) => name)).toEqual(['athena', 'tyche', 'hyperion']);
  expect(plan.network).toMatchObject({ bits: 16, desk: '10.0.255.250' });
});

test('boxes that are left out are no members of etcd either', () => {
  const small = planLab(fleetOf(SAMPLE), { only: ['athena', 'eos'] });
  expect(small.servers.map(({ name }) => name)).toEqual(['athena']);
  const [etcd] = controlPlaneOf(small, nodeOf('athena', small), true);
  expect(etcd?.command).toContain('--initial-cluster=athena=http://10.0.0.12:2380');
});

test('a lab without a server is refused, and so is a box that the fleet does not have', () => {
  expect(() => planLab(fleetOf(SAMPLE), { only: ['eos'] })).toThrow(
    /none of the boxes is a server/,
  );
  expect(() => planLab(fleetOf(SAMPLE), { only: ['zeus'] })).toThrow(
    /no box zeus; boxes are hyper/,
  );
  const cluster = fleetOf(changed(/boxes:\n\s+- athena\n\s+- tyche\n\s+- hyperion/, 'boxes: []'));
  expect(() => planLab(cluster)).toThrow(/spec.controlPlane.boxes is empty/);
});

test('what the k3s configuration passes to API server and controller manager reaches them', () => {
  const apiServer = flagsOf('tyche', 'apiserver');
  expect(apiServer).toContain('--default-not-ready-toleration-seconds=60');
  expect(apiServer).toContain('--service-cluster-ip-range=10.43.0.0/16');
  expect(apiServer.join(' ')).toContain('--encryption-provider-config=');
  expect(flagsOf('tyche', 'controller-manager')).toContain('--node-monitor-grace-period=40s');
  expect(flagsOf('tyche', 'etcd').join(' ')).toContain('--listen-metrics-urls=');
});

test('a kubelet has labels, taints, address and cluster DNS of its box’s k3s configuration', () => {
  const { daemons, files } = nodeDaemonsOf(plan, nodeOf('eos'));
  expect(daemons[0]?.command).toContain('--node-labels=fleet.kraite.io/box=eos');
  expect(daemons[0]?.command).toContain('--node-ip=10.0.0.13');
  expect(daemons[2]?.command).toContain('--iface=eth0');
  expect(JSON.parse(files[0]?.text ?? '')).toMatchObject({
    clusterDNS: ['10.43.0.10'],
    protectKernelDefaults: true,
    registerWithTaints: [
      { key: 'fleet.kraite.io/role', value: 'trading', effect: 'NoSchedule' },
      { key: 'fleet.kraite.io/egress-unverified', value: 'true', effect: 'NoSchedule' },
    ],
  });
  expect(JSON.parse(files[2]?.text ?? '')).toMatchObject({ Backend: { Type: 'vxlan' } });
});

test('a setting of k3s that the lab does not know is an error', () => {
  const text = 'node-name: eos\nselinux: true\n';
  expect(() => readK3sSettings(text)).toThrow(/does not know what to do with selinux/);
});

test('pods get the subnet that flannel leased for their box', () => {
  const lease = 'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.3.1/24\nFLANNEL_MTU=1450\n';
  const { plugins } = JSON.parse(cniConfigOf(lease)) as {
    readonly plugins: readonly { readonly mtu?: number; readonly ipam?: unknown }[];
  };
  expect(plugins[0]).toMatchObject({ mtu: 1450, ipam: { ranges: [[{ subnet: '10.42.3.0/24' }]] } });
});

test('a cut drops both ways, or one; from the outside it spares the private line', () => {
  const both = renderCuts([{ node: 'eos', from: 'outside', isOneWay: false }]);
  expect(both).toContain('iifname "p-eos" oifname "p-outside" counter drop');
  expect(both).toContain('iifname "p-outside" oifname "p-eos" counter drop');
  expect(both).not.toContain('"l-eos"');
  const oneWay = renderCuts([{ node: 'eos', from: undefined, isOneWay: true }]);
  expect(oneWay).toContain('iifname "l-eos" counter drop');
  expect(oneWay).not.toContain('oifname');
  expect(renderCuts([])).not.toContain('chain');
});
