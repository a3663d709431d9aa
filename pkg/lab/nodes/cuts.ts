import { portsOf } from './network.ts';
import { netnsOf, PLACES } from '../paths.ts';
import { mustRun, run, type Variables } from '../shell.ts';

/** What no longer gets through the switch. */
export interface Cut {
  readonly node: string;
  /** The other end: a box, `outside` (the venue), or everybody. */
  readonly from: string | undefined;
  /** Only what `node` sends is lost. */
  readonly isOneWay: boolean;
}

/** Returns the rules of the switch for `cuts`, as one transaction; the lines of boxes stay up, as with a broken router. */
export function renderCuts(cuts: readonly Cut[]): string {
  const rules = cuts.flatMap(rulesOf);
  return [
    'table bridge kraite-lab',
    'delete table bridge kraite-lab',
    ...(rules.length === 0
      ? []
      : [
          'table bridge kraite-lab {',
          '  chain forward {',
          '    type filter hook forward priority 0; policy accept;',
          ...rules.map((rule) => `    ${rule} counter drop`),
          '  }',
          '}',
        ]),
    '',
  ].join('\n');
}

function rulesOf({ node, from, isOneWay }: Cut): readonly string[] {
  const ports = portsOf(node);
  if (from === undefined) {
    return Object.values(ports).flatMap((port) => [
      `iifname "${port}"`,
      ...(isOneWay ? [] : [`oifname "${port}"`]),
    ]);
  }
  const others = portsOf(from);
  const lines =
    from === PLACES.outside
      ? [[ports.pub, others.pub] as const]
      : [[ports.lan, others.lan] as const, [ports.pub, others.pub] as const];
  return lines.flatMap(([mine, other]) => [
    `iifname "${mine}" oifname "${other}"`,
    ...(isOneWay ? [] : [`iifname "${other}" oifname "${mine}"`]),
  ]);
}

export async function applyCuts(cuts: readonly Cut[], environment: Variables): Promise<void> {
  const inside = ['nsenter', `--net=/run/netns/${netnsOf(PLACES.switch)}`] as const;
  await mustRun([...inside, 'nft', '-f', '-'], { environment, input: renderCuts(cuts) });
}

export interface Slowness {
  /** As tc writes it: `1mbit`. */
  readonly rate: string | undefined;
  readonly delayMs: number | undefined;
  /** Part of the packets that is lost, in percent. */
  readonly lossPercent: number | undefined;
}

/** Slows both lines of a box, in both directions. Throws {@link LabError} where the kernel has no netem for delay and loss. */
export async function slowNode(
  node: string,
  slowness: Slowness,
  environment: Variables,
): Promise<void> {
  for (const [netns, device] of linesOf(node)) {
    await mustRun(
      ['tc', '-n', netns, 'qdisc', 'replace', 'dev', device, 'root', ...disciplineOf(slowness)],
      { environment },
    );
  }
}

export async function hasNetem(environment: Variables): Promise<boolean> {
  const script =
    'ip link add name va0 type veth peer name vb0 && tc qdisc add dev va0 root netem delay 1ms';
  return (await run(['unshare', '-n', 'sh', '-c', script], { environment })).status === 0;
}

export async function unslowNode(node: string, environment: Variables): Promise<void> {
  for (const [netns, device] of linesOf(node)) {
    await run(['tc', '-n', netns, 'qdisc', 'del', 'dev', device, 'root'], { environment });
  }
}

function linesOf(node: string): readonly (readonly [netns: string, device: string])[] {
  const ports = Object.values(portsOf(node)).map((port) => [netnsOf(PLACES.switch), port] as const);
  return [...ports, [netnsOf(node), 'eth0'], [netnsOf(node), 'eth1']];
}

function disciplineOf({ rate, delayMs, lossPercent }: Slowness): readonly string[] {
  if (delayMs === undefined && lossPercent === undefined) {
    return ['tbf', 'rate', rate ?? '1mbit', 'burst', '32kbit', 'latency', '400ms'];
  }
  return [
    'netem',
    ...(delayMs === undefined ? [] : ['delay', `${delayMs}ms`]),
    ...(lossPercent === undefined ? [] : ['loss', `${lossPercent}%`]),
    ...(rate === undefined ? [] : ['rate', rate]),
  ];
}
