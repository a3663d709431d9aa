/**
 * Which packages bring which program on which release.
 *
 * `tried` is said honestly: only releases on which the unpacked program was seen to start. The others are
 * listed because their archives carry a version that fits. Sizes are of a bare system; a desktop fetches less.
 */
export type PackagedProgramName =
  | 'mariadb'
  | 'redis'
  | 'mysql'
  | 'chromium'
  | 'nft'
  | 'ip'
  | 'conntrack'
  | 'iptables-nft'
  | 'promtool'
  | 'prometheus'
  | 'buildah'
  | 'runc'
  | 'debootstrap';

export interface Recipe {
  readonly packages: readonly string[];
  /** The server, relative to the unpacked tree; further names are tried in order. */
  readonly executables: readonly string[];
  /** `machine`: what the machine lacks is added beside its own libraries. `whole`: a newer suite, with its own loader. */
  readonly closure: 'machine' | 'whole';
  /** Suite of the same distribution to take it from; the release's own when absent. */
  readonly suite?: string;
  readonly versionMin: readonly [major: number, minor: number];
  /** What makes it tell its version; `--version` when absent. */
  readonly versionFlag?: string;
  readonly aboutMegabytes: number;
  readonly aboutSeconds: number;
  /** What a person types when this cannot be done for them. */
  readonly byHand: string;
}

export const RECIPES: Readonly<Record<PackagedProgramName, Recipe>> = {
  mariadb: {
    packages: ['mariadb-server-core'],
    executables: ['usr/sbin/mariadbd'],
    closure: 'machine',
    versionMin: [10, 11],
    aboutMegabytes: 8,
    aboutSeconds: 10,
    byHand: 'install MariaDB 10.11 or newer so that mariadbd is on PATH, or pass --mysql URL',
  },
  redis: {
    packages: ['redis-tools'],
    // The server and both checkers are one program that goes by its name.
    executables: ['usr/bin/redis-server', 'usr/bin/redis-check-rdb'],
    closure: 'machine',
    versionMin: [7, 0],
    aboutMegabytes: 2,
    aboutSeconds: 5,
    byHand: 'install Redis 7 or newer so that redis-server is on PATH, or pass --redis URL',
  },
  mysql: {
    packages: ['mysql-server-core'],
    executables: ['usr/sbin/mysqld'],
    closure: 'whole',
    suite: 'sid',
    versionMin: [9, 0],
    aboutMegabytes: 40,
    aboutSeconds: 30,
    byHand:
      'set KRAITE_TEST_MYSQL to the URL of a MySQL 8.4 or 9 server that tests may fill and empty',
  },
  chromium: {
    packages: ['chromium', 'fonts-dejavu-core'],
    executables: ['usr/lib/chromium/chromium', 'usr/lib/chromium-browser/chromium-browser'],
    closure: 'machine',
    versionMin: [100, 0],
    aboutMegabytes: 130,
    aboutSeconds: 60,
    byHand: 'install Chromium so that chromium is on PATH',
  },
  nft: {
    packages: ['nftables'],
    executables: ['usr/sbin/nft'],
    closure: 'machine',
    versionMin: [1, 0],
    aboutMegabytes: 1,
    aboutSeconds: 5,
    byHand: 'install nftables 1.0 or newer so that nft is on PATH',
  },
  ip: {
    packages: ['iproute2'],
    executables: ['bin/ip', 'usr/bin/ip', 'sbin/ip', 'usr/sbin/ip'],
    closure: 'machine',
    versionMin: [5, 0],
    versionFlag: '-V',
    aboutMegabytes: 2,
    aboutSeconds: 5,
    byHand: 'install iproute2 so that ip is on PATH',
  },
  conntrack: {
    packages: ['conntrack'],
    executables: ['usr/sbin/conntrack'],
    closure: 'machine',
    versionMin: [1, 4],
    aboutMegabytes: 1,
    aboutSeconds: 5,
    byHand: 'install conntrack (conntrack-tools) so that conntrack is on PATH',
  },
  'iptables-nft': {
    packages: ['iptables'],
    executables: ['usr/sbin/iptables-nft'],
    closure: 'machine',
    versionMin: [1, 8],
    aboutMegabytes: 2,
    aboutSeconds: 5,
    byHand: 'install iptables 1.8 or newer so that iptables-nft is on PATH',
  },
  promtool: {
    packages: ['prometheus'],
    executables: ['usr/bin/promtool'],
    closure: 'machine',
    versionMin: [2, 42],
    aboutMegabytes: 20,
    aboutSeconds: 10,
    byHand: 'install Prometheus 2.42 or newer so that promtool is on PATH',
  },
  prometheus: {
    packages: ['prometheus'],
    executables: ['usr/bin/prometheus'],
    closure: 'machine',
    versionMin: [2, 42],
    aboutMegabytes: 20,
    aboutSeconds: 10,
    byHand:
      'install Prometheus 2.42 or newer so that prometheus is on PATH, or leave out --observe',
  },
  buildah: {
    packages: ['buildah'],
    executables: ['usr/bin/buildah'],
    closure: 'machine',
    versionMin: [1, 23],
    aboutMegabytes: 10,
    aboutSeconds: 5,
    byHand: 'install buildah 1.23 or newer so that buildah is on PATH',
  },
  // C beneath, so it is no Go module that we could build.
  runc: {
    packages: ['runc'],
    executables: ['usr/sbin/runc', 'usr/bin/runc'],
    closure: 'machine',
    versionMin: [1, 1],
    aboutMegabytes: 5,
    aboutSeconds: 5,
    byHand: 'install runc 1.1 or newer so that it is on PATH',
  },
  debootstrap: {
    packages: ['debootstrap'],
    executables: ['usr/sbin/debootstrap'],
    closure: 'machine',
    versionMin: [1, 0],
    aboutMegabytes: 1,
    aboutSeconds: 5,
    byHand: 'install debootstrap so that it is on PATH',
  },
};

/** A release whose packages the recipes know. */
export interface Release {
  readonly id: 'debian' | 'ubuntu';
  readonly version: string;
  readonly name: string;
  /** Programs of this release that were seen to start after unpacking. */
  readonly tried: readonly PackagedProgramName[];
  /** Programs that this release carries in no fitting version, and why. */
  readonly lacks: Readonly<Partial<Record<PackagedProgramName, string>>>;
}

const NO_SID = 'its archive carries no MySQL 9';
const SNAP_ONLY = 'its archive carries Chromium only as a snap';

export const RELEASES: readonly Release[] = [
  {
    id: 'debian',
    version: '12',
    name: 'Debian 12',
    tried: [
      'mariadb',
      'redis',
      'mysql',
      'chromium',
      'nft',
      'ip',
      'conntrack',
      'iptables-nft',
      'promtool',
      'buildah',
      'runc',
      'debootstrap',
    ],
    lacks: {},
  },
  { id: 'debian', version: '13', name: 'Debian 13', tried: [], lacks: {} },
  {
    id: 'ubuntu',
    version: '24.04',
    name: 'Ubuntu 24.04',
    tried: [],
    lacks: { mysql: NO_SID, chromium: SNAP_ONLY },
  },
  {
    id: 'ubuntu',
    version: '22.04',
    name: 'Ubuntu 22.04',
    tried: [],
    lacks: {
      mariadb: 'its archive carries MariaDB 10.6, and 10.11 is needed',
      redis: 'its archive carries Redis 6, and 7 is needed',
      mysql: NO_SID,
      chromium: SNAP_ONLY,
    },
  },
];

/** Returns the release that `osRelease` (the text of /etc/os-release) names, or undefined when no recipe knows it. */
export function findRelease(osRelease: string): Release | undefined {
  const fields = new Map(
    osRelease.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)="?([^"]*)"?$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
  return RELEASES.find(
    (release) => release.id === fields.get('ID') && release.version === fields.get('VERSION_ID'),
  );
}

/** Returns the sentence for a system on which `name` cannot be unpacked. */
export function explainByHand(name: PackagedProgramName, release: Release | undefined): string {
  const { byHand } = RECIPES[name];
  const lack = release?.lacks[name];
  if (release !== undefined && lack !== undefined) {
    return `${name} cannot be unpacked on ${release.name} (${lack}): ${byHand}`;
  }
  const known = RELEASES.filter((candidate) => candidate.lacks[name] === undefined);
  const names = known.map((candidate) => candidate.name).join(', ');
  return `${name} is unpacked only on ${names}; here, ${byHand}`;
}
