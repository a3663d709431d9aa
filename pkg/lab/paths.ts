import { join } from 'node:path';

/** Where one lab keeps what is not cached. There is one on a machine, so the folder has one place. */
export const LAB_FOLDER = '/var/tmp/kraite-lab';

/** What the names of network namespaces and cgroups begin with. */
export const MARK = 'kraite-lab';

/** Places of the lab that are no box: the switch between all, everything outside, and where its owner stands. */
export const PLACES = { switch: 'switch', outside: 'outside', desk: 'desk' } as const;

export const paths = {
  record: join(LAB_FOLDER, 'lab.json'),
  bin: join(LAB_FOLDER, 'bin'),
  /** The KraiteFleet as the lab needs it, and values of the operator's chart. */
  fleet: join(LAB_FOLDER, 'fleet.yaml'),
  operatorValues: join(LAB_FOLDER, 'operator-values.yaml'),
  keys: join(LAB_FOLDER, 'keys'),
  adminKubeconfig: join(LAB_FOLDER, 'admin.kubeconfig'),
  node: (name: string): string => join(LAB_FOLDER, 'nodes', name),
  log: (name: string, daemon: string): string => join(LAB_FOLDER, 'nodes', name, `${daemon}.log`),
  key: (file: string): string => join(LAB_FOLDER, 'keys', file),
  kubeconfig: (who: string): string => join(LAB_FOLDER, 'keys', `${who}.kubeconfig`),
};

/** Returns the network namespace of a box or place. */
export function netnsOf(name: string): string {
  return `${MARK}-${name}`;
}
