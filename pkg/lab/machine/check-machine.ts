import { existsSync, readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { LabError } from '../lab-error.ts';
import { findCgroups, type Cgroups } from '../nodes/cgroups.ts';
import { run, type Variables } from '../shell.ts';

/** What a lab of seven boxes takes, with a fleet on it. */
const MEMORY_MIN = 4e9;

/** Programs that the lab takes from the machine, with the packages of Debian that bring them. */
const NEEDED: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  tc: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
  tar: 'tar',
  hostname: 'hostname',
};

const CONTROLLERS = ['cpu', 'memory', 'pids', 'cpuset'];

/** Returns how this machine groups processes. Throws {@link LabError} MACHINE_UNFIT, which names everything that is missing. */
export async function checkMachine(environment: Variables): Promise<Cgroups> {
  if (process.platform !== 'linux') {
    throw new LabError('MACHINE_UNFIT', 'the lab needs Linux: boxes are namespaces of its kernel');
  }
  if (process.getuid?.() !== 0) {
    throw new LabError('MACHINE_UNFIT', 'the lab makes namespaces and mounts: run it with sudo');
  }
  const cgroups = findCgroups();
  const lacks = [
    ...lackingPrograms(environment),
    ...lackingGroups(cgroups),
    ...(await lackingKernel()),
    ...(freemem() + cachedBytes() < MEMORY_MIN
      ? [`${MEMORY_MIN / 1e9} GB of free memory (--only leaves boxes out)`]
      : []),
  ];
  if (lacks.length === 0 && cgroups !== undefined) return cgroups;
  throw new LabError(
    'MACHINE_UNFIT',
    `this machine lacks what the lab needs:\n${lacks.map((each) => `  ${each}`).join('\n')}`,
  );
}

function lackingPrograms(environment: Variables): readonly string[] {
  const folders = [...(environment['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return Object.entries(NEEDED).flatMap(([name, bringer]) =>
    folders.some((folder) => existsSync(`${folder}/${name}`))
      ? []
      : [`the program ${name}: apt-get install ${bringer}`],
  );
}

function lackingGroups(cgroups: Cgroups | undefined): readonly string[] {
  if (cgroups === undefined)
    return ['control groups: mount a cgroup2 file system on /sys/fs/cgroup'];
  const [first] = cgroups.hierarchies;
  const present =
    cgroups.version === 2
      ? readFileSync(`${first}/cgroup.controllers`, 'utf8').trim().split(' ')
      : cgroups.hierarchies.flatMap((at) => at.split('/').at(-1)?.split(',') ?? []);
  return CONTROLLERS.filter((name) => !present.includes(name)).map(
    (name) => `the ${name} controller of control groups`,
  );
}

/** Each is tried in a network namespace that goes at once. */
const TRIALS: readonly (readonly [what: string, script: string])[] = [
  ['network and mount namespaces', 'true'],
  ['virtual Ethernet pairs (veth)', 'ip link add name va0 type veth peer name vb0'],
  ['bridges', 'ip link add name va0 type bridge'],
  ['VXLAN', 'ip link add name va0 type vxlan id 1 dev lo dstport 8472'],
  ['overlay file systems', 'grep -qw overlay /proc/filesystems || modprobe overlay'],
  [
    'rules for bridged packets (br_netfilter)',
    '[ -e /proc/sys/net/bridge ] || modprobe br_netfilter || [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]',
  ],
];

async function lackingKernel(): Promise<readonly string[]> {
  const outcomes = await Promise.all(
    TRIALS.map(([, script]) => run(['unshare', '-n', '-m', 'sh', '-c', `${script} 2>/dev/null`])),
  );
  return TRIALS.flatMap(([what], index) =>
    outcomes[index]?.status === 0 ? [] : [`a kernel that allows ${what}`],
  );
}

function cachedBytes(): number {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024 - freemem();
}
