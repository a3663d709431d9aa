import type { KraiteFleet } from '#pkg/fleet-spec';
import { LABELS, taintsOfRole } from '#operator/api';
import { renderSections, type Section } from './sections.ts';
import { serverSections } from './server-settings.ts';
import type { K3sBox, Topology } from './topology.ts';

export interface JoinOptions {
  readonly privateInterface: string;
  /** Server that this box joins; undefined only on the one that begins the cluster. */
  readonly joins: K3sBox | undefined;
}

/** Returns `/etc/rancher/k3s/config.yaml` of `box`. */
export function renderK3sConfig(
  fleet: KraiteFleet,
  topology: Topology,
  box: K3sBox,
  options: JoinOptions,
): string {
  const part = box.isServer ? 'server' : 'agent';
  return renderSections(
    `k3s ${part} of ${box.name} (${box.role ?? 'control plane only'}), fleet ${fleet.metadata.name}.\nRendered by \`kraite k3s-config\`; change the KraiteFleet and render it again.`,
    [
      membership(box, options),
      addresses(box, options),
      registration(box),
      {
        why: 'Kernel settings that the kubelet finds different are an error: they stand in\n/etc/sysctl.d/90-kraite.conf.',
        settings: { 'protect-kernel-defaults': true, 'prefer-bundled-bin': true },
      },
      ...(box.isServer ? serverSections(fleet, topology) : []),
    ],
  );
}

function membership(box: K3sBox, { joins }: JoinOptions): Section {
  const token = box.isServer ? 'token' : 'agent-token';
  const tokenFile = { 'token-file': `/etc/rancher/k3s/${token}` };
  if (joins === undefined) {
    return {
      why: 'The first server begins the cluster. Once there is one, a rebuilt box must join instead:\nrender this file with --join and the name of another server.',
      settings: { 'cluster-init': true, ...tokenFile },
    };
  }
  return {
    why: box.isServer
      ? 'Joins the embedded etcd.'
      : 'Where it first asks; it then learns of all servers. Its token lets it be an agent only.',
    settings: { server: `https://${joins.privateIP}:6443`, ...tokenFile },
  };
}

function addresses(box: K3sBox, { privateInterface }: JoinOptions): Section {
  return {
    why: 'Boxes talk on the private network; without the interface flannel takes that of the default route.',
    settings: {
      'node-name': box.name,
      'node-ip': box.privateIP,
      ...(box.publicIP === undefined ? {} : { 'node-external-ip': box.publicIP }),
      'flannel-iface': privateInterface,
    },
  };
}

function registration(box: K3sBox): Section {
  return {
    why: 'Read once, when the node registers. The label informs; what pins pods is set by the operator,\nfor a kubelet may change labels of its own node.',
    settings: { 'node-label': [`${LABELS.box}=${box.name}`], ...taintsOf(box) },
  };
}

function taintsOf({ role }: K3sBox): Readonly<Record<string, readonly string[]>> {
  if (role === undefined) {
    return { 'node-taint': ['node-role.kubernetes.io/control-plane=true:NoSchedule'] };
  }
  const taints = taintsOfRole(role, { isEgressVerified: false });
  if (taints.length === 0) return {};
  return { 'node-taint': taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`) };
}
