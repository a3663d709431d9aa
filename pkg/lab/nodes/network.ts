import { OUTSIDE, PRIVATE_INTERFACE, PUBLIC_INTERFACE } from '../plan/addresses.ts';
import type { LabNode, LabPlan } from '../plan/lab-plan.ts';
import { netnsOf, PLACES } from '../paths.ts';
import { mustRun, run, type Variables } from '../shell.ts';

/** Names of a box's two ports on the switch: private and public. Interfaces have at most 15 letters. */
export function portsOf(name: string): { readonly lan: string; readonly pub: string } {
  return { lan: `l-${name}`.slice(0, 15), pub: `p-${name}`.slice(0, 15) };
}

const SWITCH = netnsOf(PLACES.switch);

/**
 * Makes the switch (two bridges in a network namespace of its own), everything outside, and the desk. Nothing of it is in
 * this machine's own network.
 */
export async function makeNetwork(plan: LabPlan, environment: Variables): Promise<void> {
  const ip = ipOf(environment);
  for (const place of Object.values(PLACES)) await ip(`netns add ${netnsOf(place)}`);
  await ip(`-n ${SWITCH} link set lo up`);
  // Rules of the machine's firewall are for its own bridges, where it has any.
  await setIn(PLACES.switch, environment, [
    'net.bridge.bridge-nf-call-iptables=0',
    'net.bridge.bridge-nf-call-ip6tables=0',
    'net.ipv6.conf.all.disable_ipv6=1',
  ]);
  for (const bridge of ['lan', 'pub']) {
    await ip(`-n ${SWITCH} link add name ${bridge} type bridge`);
    await ip(`-n ${SWITCH} link set ${bridge} up`);
  }
  await makeOutside(plan, environment);
  const desk = netnsOf(PLACES.desk);
  await plug(ip, PLACES.desk, PRIVATE_INTERFACE, portsOf(PLACES.desk).lan, 'lan');
  await ip(
    `-n ${desk} addr add ${plan.network.desk}/${plan.network.bits} dev ${PRIVATE_INTERFACE}`,
  );
}

async function makeOutside(plan: LabPlan, environment: Variables): Promise<void> {
  const ip = ipOf(environment);
  const outside = netnsOf(PLACES.outside);
  await plug(ip, PLACES.outside, PUBLIC_INTERFACE, portsOf(PLACES.outside).pub, 'pub');
  for (const address of [OUTSIDE.gateway, OUTSIDE.exchange, ...OUTSIDE.echoes]) {
    await ip(`-n ${outside} addr add ${address}/32 dev ${PUBLIC_INTERFACE}`);
  }
  await setIn(PLACES.outside, environment, ['net.ipv4.ip_forward=1']);
  for (const { publicIP } of plan.nodes) {
    await ip(`-n ${outside} route replace ${publicIP}/32 dev ${PUBLIC_INTERFACE}`);
  }
}

/** Plugs a box into both networks; its network namespace is made anew. */
export async function connectNode(
  plan: LabPlan,
  node: LabNode,
  environment: Variables,
): Promise<void> {
  const ip = ipOf(environment);
  const netns = netnsOf(node.name);
  await ip(`netns add ${netns}`);
  const ports = portsOf(node.name);
  await plug(ip, node.name, PRIVATE_INTERFACE, ports.lan, 'lan');
  await plug(ip, node.name, PUBLIC_INTERFACE, ports.pub, 'pub');
  const { bits } = plan.network;
  await ip(`-n ${netns} addr add ${node.privateIP}/${bits} dev ${PRIVATE_INTERFACE}`);
  await ip(`-n ${netns} addr add ${node.publicIP}/32 dev ${PUBLIC_INTERFACE}`);
  const via = `via ${OUTSIDE.gateway} dev ${PUBLIC_INTERFACE} onlink src ${node.publicIP}`;
  await ip(`-n ${netns} route add default ${via}`);
  await setIn(node.name, environment, [
    'net.ipv4.ip_forward=1',
    'net.ipv6.conf.all.disable_ipv6=1',
    'net.bridge.bridge-nf-call-iptables=1',
    ...networkSettingsOf(node.sysctl),
  ]);
}

/** Silences the lines of a box: peers must see nothing, not the end of a connection. */
export async function disconnectNode(name: string, environment: Variables): Promise<void> {
  for (const port of Object.values(portsOf(name))) {
    await run(['ip', '-n', SWITCH, 'link', 'set', port, 'down'], { environment });
  }
}

/** Forgets the network of a box that has no processes any more, with all rules in it, as a machine without power does. */
export async function forgetNetwork(name: string, environment: Variables): Promise<void> {
  for (const port of Object.values(portsOf(name))) {
    await run(['ip', '-n', SWITCH, 'link', 'del', port], { environment });
  }
  await run(['ip', 'netns', 'del', netnsOf(name)], { environment });
}

/** Returns the settings of `kraite k3s-config` that each network namespace has for itself. */
export function networkSettingsOf(sysctl: string): readonly string[] {
  return [...sysctl.matchAll(/^(net\.\S+) = (\S+)$/gm)].map(([, key, value]) => `${key}=${value}`);
}

/** Returns those that the whole machine shares. */
export function machineSettingsOf(sysctl: string): ReadonlyMap<string, string> {
  return new Map(
    [...sysctl.matchAll(/^(?!net\.)([a-z]\S+) = (\S+)$/gm)].map(([, key = '', value = '']) => [
      key,
      value,
    ]),
  );
}

type Ip = (words: string) => Promise<string>;

function ipOf(environment: Variables): Ip {
  return (words) => mustRun(['ip', ...words.split(' ')], { environment });
}

async function plug(
  ip: Ip,
  place: string,
  device: string,
  port: string,
  bridge: 'lan' | 'pub',
): Promise<void> {
  const netns = netnsOf(place);
  await ip(`-n ${netns} link set lo up`);
  await ip(`link add name ${device} netns ${netns} type veth peer name ${port} netns ${SWITCH}`);
  await ip(`-n ${SWITCH} link set ${port} master ${bridge} up`);
  await ip(`-n ${netns} link set ${device} up`);
}

async function setIn(
  place: string,
  environment: Variables,
  settings: readonly string[],
): Promise<void> {
  const lines = settings.map((setting) => {
    const [key = '', value = ''] = setting.split('=');
    return `[ ! -e /proc/sys/${key.replaceAll('.', '/')} ] || echo ${value} > /proc/sys/${key.replaceAll('.', '/')}`;
  });
  const inside = ['nsenter', `--net=/run/netns/${netnsOf(place)}`] as const;
  await mustRun([...inside, 'sh', '-ec', lines.join('\n')], { environment });
}
