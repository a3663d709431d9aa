import { createDesk } from './cluster/desk.ts';
import { readNodes } from './cluster/read-nodes.ts';
import { findDaemon } from './nodes/enter.ts';
import { isOn } from './nodes/node-life.ts';
import type { Cut } from './nodes/cuts.ts';
import type { LabNode } from './plan/lab-plan.ts';
import type { Variables } from './shell.ts';
import { openLab, type OpenLab } from './world.ts';

export interface NodeStatus {
  readonly name: string;
  readonly isServer: boolean;
  readonly privateIP: string;
  readonly publicIP: string;
  readonly power: 'on' | 'off' | 'frozen';
  /** What Kubernetes says: `Ready`, or why not. */
  readonly kubernetes: string;
  /** What was done to it, and programs of it that ended. */
  readonly notes: readonly string[];
}

const DAEMONS = ['containerd', 'balancer', 'kubelet', 'kube-proxy', 'flannel'];
const SERVER_DAEMONS = ['etcd', 'apiserver', 'controller-manager', 'scheduler'];

/** Returns how each box of the lab is. Throws {@link LabError} when no lab is up. */
export async function statusOfLab(environment: Variables): Promise<readonly NodeStatus[]> {
  const lab = await openLab(environment);
  const seen = await readNodes(createDesk(lab.environment));
  return lab.plan.nodes.map((node) => {
    const { name, privateIP, publicIP } = node;
    const isServer = lab.plan.servers.includes(node);
    const power = !isOn(node) ? 'off' : lab.record.frozen.includes(name) ? 'frozen' : 'on';
    return {
      name,
      isServer,
      privateIP,
      publicIP,
      power,
      kubernetes:
        seen?.get(name) ?? (seen === undefined ? 'no API server answers' : 'not registered'),
      notes: [...notesOf(lab, node), ...(power === 'off' ? [] : endedOf(name, isServer))],
    };
  });
}

function notesOf({ record }: OpenLab, { name }: LabNode): readonly string[] {
  const cuts = record.cuts.filter(({ node }) => node === name).map(cutWords);
  const slow = record.slow[name];
  return [...cuts, ...(slow === undefined ? [] : [`slow: ${slow}`])];
}

function cutWords({ from, isOneWay }: Cut): string {
  return `cut from ${from ?? 'everybody'}${isOneWay ? ', one way' : ''}`;
}

function endedOf(name: string, isServer: boolean): readonly string[] {
  return [...DAEMONS, ...(isServer ? SERVER_DAEMONS : [])]
    .filter((daemon) => findDaemon(name, daemon) === undefined)
    .map((daemon) => `${daemon} has ended`);
}
