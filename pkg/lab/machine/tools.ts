import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensurePrograms, type Program } from '#pkg/local';
import { paths } from '../paths.ts';
import type { Variables } from '../shell.ts';

/** Every program that the lab brings, in the order in which a bare machine makes them. */
export const LAB_PROGRAMS = [
  'nft',
  'conntrack',
  'iptables-nft',
  'runc',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'bridge',
  'loopback',
  'host-local',
  'portmap',
  'flanneld',
  'coredns',
  'pause',
  'helm',
] as const;

/** Names by which Kubernetes calls iptables; its Debian package leaves them to a system's alternatives. */
const IPTABLES = ['', '-save', '-restore'].flatMap((what) => [
  `iptables${what}`,
  `ip6tables${what}`,
]);

/** Finds or brings every program and puts them, under the names they go by, into the lab's folder. */
export async function bringTools(options: {
  readonly environment: Variables;
  readonly report: (line: string) => void;
}): Promise<void> {
  const programs = await ensurePrograms(LAB_PROGRAMS, options);
  await rm(paths.bin, { recursive: true, force: true });
  await mkdir(paths.bin, { recursive: true });
  for (const name of LAB_PROGRAMS) await link(name, programs[name].command[0]);
  const rules = programs['iptables-nft'].command[0];
  const many = join(dirname(rules), 'xtables-nft-multi');
  for (const name of IPTABLES) await link(name, existsSync(many) ? many : rules);
}

async function link(name: string, target: string): Promise<void> {
  await symlink(target, join(paths.bin, name));
}

/** Returns the variables of everything that runs in the lab, and of commands about it. */
export async function labEnvironment(environment: Variables): Promise<Variables> {
  const names = ['nft', 'conntrack', 'iptables-nft'] as const;
  const found = await ensurePrograms(names, { environment, report: () => undefined });
  return {
    HOME: environment['HOME'],
    TERM: environment['TERM'],
    LANG: environment['LANG'],
    PATH: [paths.bin, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    KUBECONFIG: paths.adminKubeconfig,
    ...mergeVariables(names.map((name) => found[name])),
  };
}

/** Their library folders do not contradict each other: they are of one release. */
function mergeVariables(programs: readonly Program[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const { environment } of programs) {
    for (const [name, value] of Object.entries(environment)) {
      const isList = name === 'LD_LIBRARY_PATH' && merged[name] !== undefined;
      merged[name] = isList ? `${merged[name]}:${value}` : value;
    }
  }
  return merged;
}
