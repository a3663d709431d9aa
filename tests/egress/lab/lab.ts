import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createNodeNetwork, type NetworkTools, type NodeNetwork } from '#operator/node-agent';
import { ensurePrograms, type Program } from '#pkg/local';
import { ADDRESSES, RULES } from './addresses.ts';
import { runCommand } from './run-command.ts';

type Place = 'pod' | 'node' | 'venue';

/** A program that runs in one of the namespaces. */
export interface LabProcess {
  readonly child: ChildProcess;
  /** Lines of its standard output. */
  readonly lines: AsyncIterable<string>;
  /** Resolves when it has ended; rejects when it failed. */
  readonly ended: Promise<void>;
}

export interface Talk {
  /** Connections by the address that the venue saw. */
  readonly seen: Readonly<Record<string, number>>;
  /** Connections that came to nothing, by why. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface TalkOptions {
  readonly atOnce?: number;
  readonly from?: Place;
  readonly to?: string;
  readonly port?: number;
}

export interface Lab extends AsyncDisposable {
  /** The node's nft and conntrack, as the agent uses them. */
  readonly tools: NetworkTools;
  readonly network: NodeNetwork;
  /** Runs nft in a namespace; returns what it said. Rejects when it fails. */
  nft(place: Place, script: string): Promise<string>;
  iptables(...args: readonly string[]): Promise<string>;
  ip(place: Place, ...args: readonly string[]): Promise<string>;
  /** Runs a command to its end in a namespace. */
  run(place: Place, ...command: readonly [string, ...string[]]): Promise<string>;
  /** Starts a TypeScript file in a namespace; it is killed with the lab. */
  start(place: Place, file: string, ...args: readonly string[]): LabProcess;
  /** Starts a server that answers each connection with the address it came from, and then repeats what it is told. */
  startServer(place?: Place): Promise<void>;
  /** Opens short connections, from the pod to the venue unless told; tells what addresses they were seen with. */
  talk(connections: number, options?: TalkOptions): Promise<Talk>;
  /** Opens one connection from the pod to the venue and holds it: yields the address it was seen with, then why it ended. */
  hold(): AsyncIterator<string>;
  /** Repeats the scripts in turn on the node, each a transaction, as fast as one nft takes them, until `signal` aborts. */
  repeat(scripts: readonly string[], signal: AbortSignal): Promise<number>;
  /** Gives all three IPv6 addresses, the venue `2001:db8::250`, and lets the node forward. */
  addIpv6(): Promise<void>;
  addFlannel(): Promise<void>;
  flushFlannel(): Promise<void>;
  /** Packets that reached the venue so far, by source address. */
  readCapture(): Promise<Readonly<Record<string, number>>>;
}

/** Makes the namespaces. Needs root; the tools are found or unpacked as the tests of the house do. */
export async function openLab(): Promise<Lab> {
  const programs = await ensurePrograms(['nft', 'ip', 'conntrack', 'iptables-nft'], {
    environment: process.env,
    report: () => undefined,
  });
  const mark = randomBytes(3).toString('hex');
  const nameOf = (place: Place): string => `kraite-${mark}-${place}`;
  const enter = (place: Place): [string, string] => [
    'nsenter',
    `--net=/var/run/netns/${nameOf(place)}`,
  ];
  const environment = environmentOf(Object.values(programs));
  const run = (command: readonly string[], input?: string): Promise<string> =>
    runCommand(command, { environment, input });
  const children = new Set<ChildProcess>();
  const inside = (place: Place, program: keyof typeof programs): [string, ...string[]] => [
    ...enter(place),
    ...programs[program].command,
  ];
  const tools: NetworkTools = {
    nft: inside('node', 'nft'),
    conntrack: inside('node', 'conntrack'),
    environment,
  };
  const lab: Lab = {
    tools,
    network: createNodeNetwork(tools),
    nft: (place, script) => run([...inside(place, 'nft'), '-f', '-'], script),
    iptables: (...args) => run([...inside('node', 'iptables-nft'), '-w', ...args]),
    ip: (place, ...args) => run([...programs.ip.command, '-n', nameOf(place), ...args]),
    run: (place, ...command) => run([...enter(place), ...command]),
    start: (place, file, ...args) => {
      const [first, second] = enter(place);
      const child = spawn(first, [second, process.execPath, file, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.add(child);
      const ended = once(child, 'exit').then(([status]) => {
        children.delete(child);
        if (status !== 0 && !child.killed) throw new Error(`${file} ended with ${String(status)}`);
      });
      ended.catch(() => undefined);
      return { child, ended, lines: createInterface({ input: child.stdout }) };
    },
    startServer: async (place = 'venue') => {
      const { lines } = lab.start(place, `${HERE}/server-process.ts`, ...SERVER_PORTS);
      await firstLine(lines);
    },
    talk: async (connections, options = {}) => {
      const { atOnce = 64, from = 'pod', to = ADDRESSES.venue, port } = options;
      const ports = port === undefined ? SERVER_PORTS.join(',') : String(port);
      const counts = [String(connections), String(atOnce)];
      const { lines } = lab.start(from, `${HERE}/talk-process.ts`, to, ports, ...counts);
      return JSON.parse(await firstLine(lines)) as Talk;
    },
    hold: () => {
      const port = SERVER_PORTS[0] ?? '';
      const { lines } = lab.start('pod', `${HERE}/hold-process.ts`, ADDRESSES.venue, port);
      return lines[Symbol.asyncIterator]();
    },
    repeat: async (scripts, signal) => {
      const [file, ...args] = inside('node', 'nft');
      const child = spawn(file, [...args, '-i'], {
        env: environment,
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      children.add(child);
      child.stdin.on('error', () => undefined);
      let count = 0;
      while (!signal.aborted) {
        const line = `${scripts[count % scripts.length]}\n`;
        // The pipe holds some hundred lines; the rest waits here.
        await new Promise((resolve) => child.stdin.write(line, resolve));
        count += 1;
      }
      child.stdin.end('quit\n');
      await once(child, 'exit');
      children.delete(child);
      return count;
    },
    addIpv6: async () => {
      await lab.run('node', 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding');
      for (const [place, device, cidr] of [
        ['pod', 'eth0', 'fd00::10/64'],
        ['node', 'cni0', 'fd00::1/64'],
        ['node', 'eth0', '2001:db8::10/64'],
        ['venue', 'eth0', '2001:db8::250/64'],
      ] as const) {
        await lab.ip(place, 'addr', 'add', cidr, 'dev', device, 'nodad');
      }
      await lab.ip('pod', '-6', 'route', 'add', 'default', 'via', 'fd00::1');
      await lab.ip('venue', '-6', 'route', 'add', 'fd00::/64', 'via', '2001:db8::10');
    },
    addFlannel: async () => {
      await lab.iptables('-t', 'nat', '-N', FLANNEL_CHAIN);
      await lab.iptables('-t', 'nat', '-A', 'POSTROUTING', '-j', FLANNEL_CHAIN);
      for (const rule of FLANNEL_RULES) {
        await lab.iptables('-t', 'nat', '-A', FLANNEL_CHAIN, ...rule.split(' '));
      }
    },
    flushFlannel: async () => {
      await lab.iptables('-t', 'nat', '-F');
      await lab.iptables('-t', 'nat', '-X', FLANNEL_CHAIN);
    },
    readCapture: async () => {
      const text = await run([...inside('venue', 'nft'), '-j', 'list', 'table', 'ip', 'capture']);
      return readCaptureJson(text);
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of children) child.kill('SIGKILL');
      for (const place of PLACES) {
        await run([...programs.ip.command, 'netns', 'delete', nameOf(place)]).catch(() => '');
      }
    },
  };
  try {
    for (const place of PLACES) {
      await run([...programs.ip.command, 'netns', 'add', nameOf(place)]);
    }
    await connect(lab, nameOf);
    await lab.addFlannel();
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
  return lab;
}

const HERE = import.meta.dirname;
const SERVER_PORTS = ['8001', '8002', '8003', '8004'];

async function firstLine(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) return line;
  throw new Error('the process ended without a word');
}

const PLACES: readonly Place[] = ['pod', 'node', 'venue'];
const FLANNEL_CHAIN = 'FLANNEL-POSTRTG';

/** As flannel makes them in k3s for the pods of this node. */
const FLANNEL_RULES = [
  '-m mark --mark 0x4000/0x4000 -j RETURN',
  `-s ${RULES.podCIDR} -d ${RULES.clusterCIDR} -j RETURN`,
  `-s ${RULES.clusterCIDR} -d ${RULES.podCIDR} -j RETURN`,
  `! -s ${RULES.clusterCIDR} -d ${RULES.podCIDR} -j RETURN`,
  `-s ${RULES.clusterCIDR} ! -d 224.0.0.0/4 -j MASQUERADE --random-fully`,
  `! -s ${RULES.clusterCIDR} -d ${RULES.clusterCIDR} -j MASQUERADE --random-fully`,
];

/** One environment for all four: their library folders do not contradict each other. */
function environmentOf(programs: readonly Program[]): Record<string, string | undefined> {
  const merged: Record<string, string | undefined> = { ...process.env };
  for (const { environment } of programs) {
    for (const [name, value] of Object.entries(environment)) {
      const isList = name === 'LD_LIBRARY_PATH' && merged[name] !== undefined;
      merged[name] = isList ? `${merged[name]}:${value}` : value;
    }
  }
  return merged;
}

async function connect(lab: Lab, nameOf: (place: Place) => string): Promise<void> {
  const veth = (from: Place, device: string, to: Place, peer: string): Promise<string> =>
    lab.ip(from, 'link', 'add', device, 'type', 'veth', 'peer', 'name', peer, 'netns', nameOf(to));
  const address = (place: Place, device: string, cidr: string): Promise<string> =>
    lab.ip(place, 'addr', 'add', cidr, 'dev', device);
  await veth('pod', 'eth0', 'node', 'cni0');
  await veth('node', 'eth0', 'venue', 'eth0');
  await address('pod', 'eth0', `${ADDRESSES.pod}/24`);
  await address('node', 'cni0', `${ADDRESSES.podGateway}/24`);
  await address('node', 'eth0', `${ADDRESSES.nodeOwn}/24`);
  await address('node', 'eth0', `${ADDRESSES.egress}/32`);
  await address('node', 'eth0', `${ADDRESSES.otherEgress}/32`);
  await address('venue', 'eth0', `${ADDRESSES.venue}/24`);
  for (const [place, device] of [
    ['pod', 'lo'],
    ['pod', 'eth0'],
    ['node', 'lo'],
    ['node', 'cni0'],
    ['node', 'eth0'],
    ['venue', 'lo'],
    ['venue', 'eth0'],
  ] as const) {
    await lab.ip(place, 'link', 'set', device, 'up');
  }
  await lab.ip('pod', 'route', 'add', 'default', 'via', ADDRESSES.podGateway);
  const set = (place: Place, name: string, value: string): Promise<string> =>
    lab.run(place, 'sh', '-c', `echo ${value} > /proc/sys/net/${name}`);
  await set('node', 'ipv4/ip_forward', '1');
  await set('pod', 'ipv4/ip_local_port_range', '"1024 65535"');
  // So that what a pod sends unmapped is seen too, the venue knows a way back to it.
  await lab.ip('venue', 'route', 'add', RULES.clusterCIDR, 'via', ADDRESSES.nodeOwn);
  await lab.nft('venue', CAPTURE);
}

const CAPTURE = `
table ip capture {
  set seen { type ipv4_addr; size 65536; flags dynamic; counter; }
  chain pre { type filter hook prerouting priority raw; policy accept; update @seen { ip saddr counter }; }
}
`;

interface CaptureSet {
  readonly elem?: readonly {
    readonly elem: { readonly val: string; readonly counter: { readonly packets: number } };
  }[];
}

function readCaptureJson(text: string): Readonly<Record<string, number>> {
  const { nftables } = JSON.parse(text) as {
    readonly nftables: readonly { readonly set?: CaptureSet }[];
  };
  const elements = nftables.flatMap(({ set }) => set?.elem ?? []);
  return Object.fromEntries(elements.map(({ elem }) => [elem.val, elem.counter.packets]));
}
