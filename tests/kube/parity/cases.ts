import { parse } from 'yaml';
import { KraiteFleetSchema } from '#pkg/fleet-spec';
import { SAMPLE } from '../../harness/sample-fleet.ts';

/** An object that both are asked about. */
export interface Case {
  /** What was done to the good object, and where: `spec.trading.boxes[0].egressIP = "x"`. */
  readonly name: string;
  readonly object: Tree;
}

export type Tree = { [field: string]: unknown };

type Path = readonly (string | number)[];

interface Field {
  readonly type: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly items?: Field;
}

/** The sample with everything written out that a cluster needs. */
export function goodFleet(): Tree {
  const fleet = parse(SAMPLE) as Tree;
  for (const name of ['rest', 'publicStream', 'marketStream', 'privateStream']) {
    set(fleet, ['spec', 'exchange', 'endpoints', name], 'http://10.0.0.30:9090');
  }
  set(fleet, ['spec', 'update', 'windows'], [{ days: ['Mon'], from: '02:30', lasts: '2h' }]);
  return fleet;
}

/** Every field in turn: left out, null, of another type, at and past each bound, in right and wrong formats. */
export function fieldCases(): readonly Case[] {
  const spec = (KraiteFleetSchema as unknown as Field).properties?.['spec'];
  return spec === undefined ? [] : casesOf(spec, ['spec']);
}

function casesOf(field: Field, path: Path): readonly Case[] {
  const children = [
    ...Object.entries(field.properties ?? {}).flatMap(([name, each]) =>
      casesOf(each, [...path, name]),
    ),
    ...(field.items === undefined ? [] : casesOf(field.items, [...path, 0])),
  ];
  // Leaving a list's first entry out changes what other fields mean; that is for the rules' own cases.
  const isEntry = typeof path.at(-1) === 'number';
  const name = formatPlace(path);
  const left =
    isEntry || path.length < 2 ? [] : [{ name: `${name} left out`, object: without(path) }];
  const values = valuesFor(field).map((value) => ({
    name: `${name} = ${JSON.stringify(value).slice(0, 60)}`,
    object: withValue(path, value),
  }));
  return [...left, ...values, ...children];
}

const WRONG_TYPES: Readonly<Record<string, readonly unknown[]>> = {
  object: [null, [], 'x'],
  array: [null, {}, 'x', [null]],
  string: [null, 7, true, {}],
  integer: [null, '5', 2.5, true],
  boolean: [null, 'no', 1],
};

function valuesFor(field: Field): readonly unknown[] {
  const wrong = WRONG_TYPES[field.type] ?? [];
  if (field.type === 'object')
    return [...wrong, ...(field.properties === undefined ? [] : [{ colour: 'red' }])];
  if (field.type === 'integer') {
    const { minimum = 0, maximum = 0 } = field;
    return [...wrong, minimum - 1, minimum, maximum, maximum + 1];
  }
  if (field.type !== 'string') return wrong;
  if (field.enum !== undefined)
    return [...wrong, ...field.enum, 'other', field.enum[0]?.toUpperCase()];
  const long = 'a'.repeat((field.maxLength ?? 253) + 1);
  return [...wrong, long, ...(TEXTS[field.format ?? ''] ?? ['', 'free text', '"ö"'])];
}

/** Texts of each format, right and wrong; a good one stands where another field does not refer to it. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'dns-label': ['', 'Eos', '-a', 'a-', 'a_b', 'a.b', 'nobody', 'a b'],
  hostname: ['', 'a.b', 'A.b', 'a..b', 'http://a', 'a:80', 'x'.repeat(64)],
  ipv4: ['', '203.0.113.99', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4 ', '::1', '10.0.0.99'],
  cidr: [
    '',
    '10.0.0.0/8',
    '10.0.0.1/16',
    '10.0.0.0/33',
    '10.0.0.0',
    '::/0',
    '10.0.0.0/016',
    '192.168.0.0/16',
  ],
  duration: [
    '',
    '90s',
    '1h30m',
    '9s',
    '500ms',
    '20',
    '1d',
    '-5m',
    '1.5h',
    '600000ms',
    '99999h',
    '9999h',
  ],
  size: ['', '80Gi', '0Gi', '80', '80 GB', '1.5Gi', '2Ti'],
  image: [
    '',
    'mysql:8.4.8',
    'ghcr.io/a/b:1',
    'a b',
    `a@sha256:${'0'.repeat(64)}`,
    'a@sha256:0',
    'Mysql',
  ],
  version: ['', '1.2.3', '1.2', 'v1.2.3', '1.2.3-rc.1', '1.2.3+x'],
  'endpoint-url': [
    '',
    'https://host/path',
    'host',
    'ftp://host',
    'http://',
    'http://[',
    'wss://a:65535',
    'http://a:65536',
    'http://a b',
    'http://1.2.3.999',
    'http://ö.de',
  ],
  email: ['', 'a@b.c', 'a@b', 'a b@c.d', '@b.c', 'ä@b.c'],
  'time-of-day': ['', '00:00', '23:59', '24:00', '2:30', '02:60'],
};

/** What must hold between fields, broken in turn. */
export function ruleCases(): readonly Case[] {
  const box = (index: number, field: string): string => `spec.trading.boxes.${index}.${field}`;
  const changes: readonly Readonly<Record<string, unknown>>[] = [
    { 'spec.network.boxes.3.name': 'eos' },
    { [box(1, 'name')]: 'eos' },
    { [box(3, 'name')]: 'athena' },
    { [box(0, 'name')]: 'hyperion' },
    { 'spec.indicators.box': 'athena' },
    { 'spec.indicators.box': 'hyperion' },
    { 'spec.indicators.box': 'eos' },
    { 'spec.brain.box': 'hyperion' },
    { 'spec.core.box': 'athena' },
    { 'spec.indicators.box': 'tych' },
    { 'spec.brain.box': 'zeus' },
    { [box(2, 'name')]: 'zeus' },
    { 'spec.network.boxes.7': { name: 'pheme', privateIP: '10.0.0.18' } },
    { 'spec.controlPlane.boxes.1': 'pheme' },
    { 'spec.controlPlane.boxes': ['athena', 'tyche'] },
    { 'spec.controlPlane.boxes': ['athena', 'athena', 'tyche'] },
    { 'spec.controlPlane.boxes': ['athena', 'athena'] },
    { 'spec.controlPlane.boxes': [] },
    { 'spec.controlPlane.boxes': ['athena'] },
    { 'spec.brain.standbyBox': 'pheme' },
    { 'spec.brain.standbyBox': 'athena' },
    { 'spec.brain.standbyBox': 'hyperion' },
    { 'spec.brain.standbyBox': 'nyx' },
    { 'spec.brain.standbyBox': 'tyche' },
    { 'spec.core.replicaBox': 'eoss' },
    { 'spec.core.replicaBox': 'hyperion' },
    { 'spec.core.replicaBox': 'tyche' },
    { [box(2, 'egressIP')]: '203.0.113.13' },
    { 'spec.brain.egressIP': '203.0.113.13' },
    { 'spec.indicators.egressIP': '203.0.113.12' },
    { [box(2, 'egressIP')]: '10.0.9.9' },
    { 'spec.brain.egressIP': '10.0.9.9' },
    { 'spec.indicators.egressIP': '10.0.255.255' },
    { 'spec.network.boxes.4.privateIP': '10.0.0.13' },
    { 'spec.network.boxes.4.privateIP': '10.1.0.15' },
    { 'spec.network.privateCIDR': '10.0.0.0/28' },
    { 'spec.network.privateCIDR': '203.0.113.0/24' },
    ...['positions', 'orders', 'priority'].map((lane) =>
      Object.fromEntries([0, 1, 2, 3].map((index) => [box(index, `lanes.${lane}`), 0])),
    ),
    { [box(0, 'lanes.orders')]: 0 },
    { 'spec.indicators.lanes.cronjobs': 0 },
    { 'spec.indicators.lanes.indicators': 0 },
    { 'spec.brain.lanes.user-data-stream': 0 },
    { 'spec.indicators.lanes.own': 0 },
    { 'spec.brain.lanes.own': 0 },
    { [box(3, 'lanes.own')]: 0 },
    { 'spec.exchange.mode': 'live' },
    { 'spec.exchange.mode': 'live', 'spec.exchange.endpoints': {} },
    { 'spec.exchange.mode': 'testnet', 'spec.exchange.endpoints': { rest: 'https://example.org' } },
    { 'spec.exchange': {} },
    { 'spec.update.maxUnavailable': 3 },
    { 'spec.update.maxUnavailable': 4 },
    { 'spec.update.drainTimeout': '59s' },
    { 'spec.core.backup.fullEvery': '1m' },
    { 'spec.update.windows.0.lasts': '5m' },
    { 'spec.web.docsHost': 'localhost' },
    { 'spec.web.publicHost': 'admin.localhost' },
    { 'spec.web.publicHost': 'x.org', 'spec.web.docsHost': 'x.org', 'spec.web.adminHost': 'x.org' },
    { 'spec.web.tls': { acmeEmail: 'a@example.org', secret: 'tls' } },
    { 'spec.web.tls': { acmeEmail: 'a@example.org' } },
    { 'spec.core.mysql.existing': { secret: 'mine' } },
    { 'spec.core.mysql.existing': {} },
    { 'spec.core.backup.s3': { endpoint: 'https://s3.example.org', bucket: 'b', secret: 's' } },
    { 'spec.core.backup.s3': { bucket: 'b', secret: 's' } },
    { 'spec.colour': 'red' },
    { 'spec.trading.boxes.0.lanes.others': 1 },
    { 'metadata.name': 'Kraite_Fleet' },
    { 'metadata.name': 'a.b' },
    { 'metadata.name': 'x'.repeat(64) },
    // More than one mistake at once.
    {
      [box(2, 'egressIP')]: '10.0.9.9',
      'spec.update.drainTimeout': '5s',
      'spec.core.replicaBox': 'hyperion',
    },
  ];
  return changes.map((change) => {
    const object = goodFleet();
    for (const [path, value] of Object.entries(change)) set(object, pathOf(path), value);
    return { name: JSON.stringify(change).slice(0, 100), object };
  });
}

function pathOf(text: string): Path {
  return text.split('.').map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
}

function formatPlace(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
}

function withValue(path: Path, value: unknown): Tree {
  const object = goodFleet();
  set(object, path, value);
  return object;
}

function without(path: Path): Tree {
  const object = goodFleet();
  const parent = path.slice(0, -1).reduce<unknown>((node, part) => child(node, part), object);
  if (typeof parent === 'object' && parent !== null) delete (parent as Tree)[String(path.at(-1))];
  return object;
}

/** Groups on the way that are null or not there come into being. */
function set(object: Tree, path: Path, value: unknown): void {
  let node: Tree = object;
  for (const part of path.slice(0, -1)) {
    const next = child(node, part) ?? {};
    node[part] = next;
    node = next as Tree;
  }
  node[String(path.at(-1))] = value;
}

function child(node: unknown, part: string | number): unknown {
  return typeof node === 'object' && node !== null ? (node as Tree)[part] : undefined;
}
