import { planBoxFiles } from '#operator/k3s';
import { required } from '#pkg/base';
import { planFleet, type KraiteFleet } from '#pkg/fleet-spec';
import { LabError } from '../lab-error.ts';
import { PRIVATE_INTERFACE, privateNetworkOf, publicAddressOf, type Network } from './addresses.ts';
import { readK3sSettings, type K3sSettings, type ServerSettings } from './k3s-settings.ts';

export interface LabNode {
  readonly name: string;
  readonly privateIP: string;
  readonly publicIP: string;
  readonly k3s: K3sSettings;
  /** Files of `kraite k3s-config` that the lab uses as they are. */
  readonly firewall: string;
  readonly sysctl: string;
}

/** What a lab consists of; follows from the object alone. */
export interface LabPlan {
  readonly fleet: string;
  readonly nodes: readonly LabNode[];
  /** In the order of the object. */
  readonly servers: readonly LabNode[];
  readonly network: Network;
  /** The same on every server. */
  readonly cluster: ServerSettings;
}

export interface LabPlanOptions {
  /** Leaves out every other box: for a small machine. All of them when absent. */
  readonly only?: readonly string[];
}

/** A box that belongs to the cluster and to no fleet: what a restore moves the core to. */
export const SPARE = 'spare';

/** Returns the lab of a fleet: its boxes with what `kraite k3s-config` renders for each, and a spare one. */
export function planLab(fleet: KraiteFleet, options: LabPlanOptions = {}): LabPlan {
  const { boxes, privateCIDR } = fleet.spec.network;
  const network = privateNetworkOf(
    privateCIDR,
    boxes.map(({ privateIP }) => privateIP),
  );
  const hasSpare = boxes.some(({ name }) => name === SPARE);
  const withSpare: KraiteFleet = {
    ...fleet,
    spec: {
      ...fleet.spec,
      network: {
        ...fleet.spec.network,
        boxes: hasSpare ? boxes : [...boxes, { name: SPARE, privateIP: network.free }],
      },
    },
  };
  const names = withSpare.spec.network.boxes.map(({ name }) => name);
  const unknown = (options.only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new LabError(
      'UNKNOWN_NODE',
      `no box ${unknown.join(', ')}; boxes are ${names.join(', ')}`,
    );
  }
  const planned = planFleet(fleet.spec).boxes;
  const nodes = withSpare.spec.network.boxes
    .map(({ name, privateIP }, index): LabNode => {
      const egress = planned.find((box) => box.name === name)?.egressAddress;
      const files = filesOf(withSpare, name);
      return {
        name,
        privateIP,
        publicIP: publicAddressOf(egress, index),
        k3s: readK3sSettings(textOf(files, 'config.yaml')),
        firewall: textOf(files, 'host-firewall.nft'),
        sysctl: textOf(files, '90-kraite.conf'),
      };
    })
    .filter(({ name }) => options.only?.includes(name) !== false);
  const servers = fleet.spec.controlPlane.boxes.flatMap((name) =>
    nodes.filter((node) => node.name === name),
  );
  const [first] = servers;
  if (first?.k3s.server === undefined) {
    throw new LabError(
      'UNKNOWN_NODE',
      `none of the boxes is a server; servers are ${fleet.spec.controlPlane.boxes.join(', ')} (spec.controlPlane.boxes)`,
    );
  }
  return { fleet: fleet.metadata.name, nodes, servers, network, cluster: first.k3s.server };
}

type Files = readonly { readonly path: string; readonly text: string }[];

function filesOf(fleet: KraiteFleet, name: string): Files {
  const plan = planBoxFiles(fleet, name, { privateInterface: PRIVATE_INTERFACE });
  if (plan.kind === 'refused') throw new LabError('FLEET_REFUSED', plan.message);
  return plan.files;
}

function textOf(files: Files, name: string): string {
  return required(
    files.find(({ path }) => path.endsWith(`/${name}`)),
    `k3s-config renders ${name}`,
  ).text;
}
