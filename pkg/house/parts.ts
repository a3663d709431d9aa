import type { ProgramName } from '#pkg/local';

/** A part of the suite, with the time it may take warm on two cores. */
export interface Part {
  readonly name: string;
  readonly kind: 'static' | 'vitest';
  readonly summary: string;
  readonly budgetMinutes: number;
  /** Programs that are brought before the part starts. */
  readonly programs: readonly ProgramName[];
  /** Makes network namespaces: left unrun where that is not allowed. */
  readonly needsNetworkNamespaces?: true;
  /** Builds and runs containers: left unrun where mounting is not allowed. */
  readonly needsMounts?: true;
  /** Runs only when it is named: it takes too long beside all the others. */
  readonly isByName?: true;
}

export const PARTS = [
  {
    name: 'static',
    kind: 'static',
    summary: 'types, lint, format, layers, unused code',
    budgetMinutes: 1.5,
    programs: [],
  },
  {
    name: 'unit',
    kind: 'vitest',
    summary: 'modules on their own, on a clock that stands still',
    budgetMinutes: 1.5,
    programs: [],
  },
  {
    name: 'tidy',
    kind: 'vitest',
    summary: 'the habits of the house',
    budgetMinutes: 0.5,
    programs: [],
  },
  {
    name: 'simulation',
    kind: 'vitest',
    summary: 'whole worlds under a seed, with faults',
    budgetMinutes: 1,
    programs: [],
  },
  {
    name: 'integration',
    kind: 'vitest',
    summary: 'adapters on real MariaDB, MySQL and Redis',
    budgetMinutes: 3,
    programs: ['mariadb', 'redis', 'mysql'],
  },
  {
    name: 'engine',
    kind: 'vitest',
    summary: 'the step engine on real servers',
    budgetMinutes: 4,
    programs: ['mariadb', 'redis'],
  },
  {
    name: 'venue',
    kind: 'vitest',
    summary: 'the client and the simulated exchange at the wire',
    budgetMinutes: 3,
    programs: ['mariadb', 'redis'],
  },
  {
    name: 'pods',
    kind: 'vitest',
    summary: 'each process as the pod that the operator builds for it',
    budgetMinutes: 2,
    programs: ['mariadb', 'redis', 'pebble'],
  },
  {
    name: 'fleet',
    kind: 'vitest',
    summary: 'whole fleets through the command line',
    budgetMinutes: 10,
    programs: ['mariadb', 'redis', 'prometheus'],
  },
  {
    name: 'chart',
    kind: 'vitest',
    summary: 'the charts as they render, alerts and dashboards',
    budgetMinutes: 0.5,
    programs: ['helm', 'promtool'],
  },
  {
    name: 'kube',
    kind: 'vitest',
    summary: 'the operator and its charts on a real API server',
    budgetMinutes: 4,
    programs: [
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kubectl',
      'helm',
      'kwok',
    ],
  },
  {
    name: 'egress',
    kind: 'vitest',
    summary: 'the rules of a node on real nftables, in network namespaces',
    budgetMinutes: 2,
    programs: ['nft', 'ip', 'conntrack', 'iptables-nft'],
    needsNetworkNamespaces: true,
  },
  {
    name: 'image',
    kind: 'vitest',
    summary: 'the Dockerfile, built without a daemon and run under containerd',
    budgetMinutes: 3,
    programs: ['buildah', 'runc', 'containerd', 'containerd-shim-runc-v2', 'ctr', 'debootstrap'],
    needsMounts: true,
  },
  {
    name: 'web',
    kind: 'vitest',
    summary: 'the three sites in a real browser',
    budgetMinutes: 3,
    programs: ['mariadb', 'redis', 'chromium'],
  },
  {
    name: 'cluster',
    kind: 'vitest',
    summary: 'boxes of a real Kubernetes in namespaces of this machine (only by name)',
    budgetMinutes: 5,
    programs: [],
    needsMounts: true,
    isByName: true,
  },
] as const satisfies readonly Part[];

export type PartName = (typeof PARTS)[number]['name'];
export const PART_NAMES: readonly PartName[] = PARTS.map((part) => part.name);

/** A check that needs no test runner: it passes when the command exits with 0. */
export interface StaticCheck {
  readonly name: string;
  /** A program of node_modules/.bin and its arguments. */
  readonly command: readonly [string, ...string[]];
}

export const STATIC_CHECKS: readonly StaticCheck[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--format=unix'] },
  { name: 'format', command: ['oxfmt', '--check'] },
  {
    name: 'layers',
    command: [
      'depcruise',
      '--config',
      '.dependency-cruiser.mjs',
      'cmd',
      'pkg',
      'operator',
      'tests',
    ],
  },
  { name: 'unused', command: ['knip', '--no-progress'] },
];
