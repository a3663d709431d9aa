import type { KraiteFleet } from '#pkg/fleet-spec';
import { findOverlap } from './cluster-networks.ts';
import {
  renderFirewall,
  renderFirewallUnit,
  renderKubeletShutdown,
  renderLogind,
  renderSysctl,
} from './host-files.ts';
import { renderK3sConfig } from './k3s-config.ts';
import { topologyOf, type K3sBox, type Topology } from './topology.ts';

export interface BoxFile {
  /** Absolute, on the box. */
  readonly path: string;
  readonly text: string;
}

export interface K3sOptions {
  /** Interface of the private network, the same on every box. */
  readonly privateInterface: string;
  /** Name of the server to join; the first server otherwise. Wanted when the first server itself is rebuilt. */
  readonly joins?: string;
}

export type BoxFiles =
  | { readonly kind: 'files'; readonly files: readonly [config: BoxFile, ...others: BoxFile[]] }
  /** What is wrong and what to do about it, in one sentence. */
  | { readonly kind: 'refused'; readonly message: string };

const FIREWALL_FILE = '/etc/kraite/host-firewall.nft';

/** Returns the files of the box called `name`, `config.yaml` of k3s first, or why there are none. */
export function planBoxFiles(fleet: KraiteFleet, name: string, options: K3sOptions): BoxFiles {
  const topology = topologyOf(fleet);
  const refusal = findRefusal(fleet, topology, name, options);
  const box = topology.boxes.find((each) => each.name === name);
  if (refusal !== undefined || box === undefined) {
    return { kind: 'refused', message: refusal ?? unknownBox(name, topology) };
  }
  const { privateInterface } = options;
  const joins = serverToJoin(topology, box, options.joins);
  return {
    kind: 'files',
    files: [
      {
        path: '/etc/rancher/k3s/config.yaml',
        text: renderK3sConfig(fleet, topology, box, { privateInterface, joins }),
      },
      {
        path: '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/20-kraite-shutdown.conf',
        text: renderKubeletShutdown(),
      },
      { path: '/etc/systemd/logind.conf.d/zz-kraite.conf', text: renderLogind() },
      { path: '/etc/sysctl.d/90-kraite.conf', text: renderSysctl() },
      { path: FIREWALL_FILE, text: renderFirewall(privateInterface) },
      {
        path: '/etc/systemd/system/kraite-host-firewall.service',
        text: renderFirewallUnit(FIREWALL_FILE),
      },
    ],
  };
}

function findRefusal(
  { spec }: KraiteFleet,
  topology: Topology,
  name: string,
  { joins, privateInterface }: K3sOptions,
): string | undefined {
  if (topology.servers.length === 0) {
    return 'spec.controlPlane.boxes is empty, which leaves the cluster to somebody else; name one, three or five boxes there';
  }
  const overlap = findOverlap(spec.network.privateCIDR);
  if (overlap !== undefined) {
    return `spec.network.privateCIDR ${spec.network.privateCIDR} overlaps the cluster's own ${overlap}; give the private network another range`;
  }
  if (!/^[a-zA-Z0-9._@-]{1,15}$/.test(privateInterface)) {
    return `${privateInterface} is no name of an interface; \`ip -br address\` on a box shows the one with its private address`;
  }
  if (joins === undefined) return undefined;
  if (joins === name) return `${name} cannot join itself; name another server with --join`;
  if (topology.servers.some((server) => server.name === joins)) return undefined;
  return `${joins} is no server; servers are ${namesOf(topology.servers)} (spec.controlPlane.boxes)`;
}

function unknownBox(name: string, { boxes }: Topology): string {
  return `the fleet has no box ${name}; boxes are ${namesOf(boxes)} (spec.network.boxes)`;
}

function namesOf(boxes: readonly K3sBox[]): string {
  return boxes.map((box) => box.name).join(', ');
}

function serverToJoin(
  { servers }: Topology,
  box: K3sBox,
  wanted: string | undefined,
): K3sBox | undefined {
  if (wanted !== undefined) return servers.find((server) => server.name === wanted);
  const [first] = servers;
  return first?.name === box.name ? undefined : first;
}
