import { join } from 'node:path';
import { expect, test } from 'vitest';

import { planBoxFiles } from '#operator/k3s';
import { fleetOf, SAMPLE } from '../harness/sample-fleet.ts';
import { ADDRESSES, openLab, type Lab } from './lab/index.ts';

const LAB = join(import.meta.dirname, 'lab');
const CLUSTER_PORTS = [2379, 2380, 2381, 6443, 9464, 10_250];
const PUBLIC_PORT = 443;

function firewallOf(privateInterface: string): string {
  const plan = planBoxFiles(fleetOf(SAMPLE), 'athena', { privateInterface });
  if (plan.kind === 'refused') throw new Error(plan.message);
  return plan.files.find(({ path }) => path.endsWith('host-firewall.nft'))?.text ?? '';
}

/** Ports of the node that answer whoever asks from `place`. */
async function openPorts(
  lab: Lab,
  place: 'pod' | 'venue',
  address: string,
): Promise<readonly number[]> {
  const answers = await Promise.all(
    [...CLUSTER_PORTS, PUBLIC_PORT].map(async (port) => {
      // One answer is enough; the others of the twelve end with it or by their time-out.
      const { lines } = lab.start(
        place,
        `${LAB}/talk-process.ts`,
        address,
        String(port),
        '1',
        '12',
      );
      for await (const line of lines) {
        const { seen } = JSON.parse(line) as { readonly seen: Readonly<Record<string, number>> };
        return Object.keys(seen).length > 0 ? [port] : [];
      }
      return [];
    }),
  );
  return answers.flat();
}

test('the ports of the cluster answer on the private network and in the box, and to nobody outside', async () => {
  await using lab = await openLab();
  const ports = [...CLUSTER_PORTS, PUBLIC_PORT].map(String);
  const { lines } = lab.start('node', `${LAB}/server-process.ts`, ...ports);
  for await (const _ready of lines) break;
  const { nodeOwn, podGateway } = ADDRESSES;
  expect(await openPorts(lab, 'venue', nodeOwn)).toEqual([...CLUSTER_PORTS, PUBLIC_PORT]);
  // The venue stands outside; the pod's side is cni0, which counts as inside.
  await lab.nft('node', firewallOf('enp7s0'));
  expect(await openPorts(lab, 'venue', nodeOwn)).toEqual([PUBLIC_PORT]);
  expect(await openPorts(lab, 'pod', podGateway)).toEqual([...CLUSTER_PORTS, PUBLIC_PORT]);
  // Loaded again for the interface that the venue is behind: now it is the private network.
  await lab.nft('node', firewallOf('eth0'));
  expect(await openPorts(lab, 'venue', nodeOwn)).toEqual([...CLUSTER_PORTS, PUBLIC_PORT]);
});
