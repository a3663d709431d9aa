import type { Static } from 'typebox';

import { choice, count, flag, group, list, orNull, text, textMap, words } from './fields.ts';

/**
 * The whole KraiteFleet object, once.
 *
 * Types, defaults, validation, the reference page and the CRD all come from here; the numbers are those of
 * the seven boxes that the fleet was designed on. The descriptions are the API reference.
 */
export const API_VERSION = 'fleet.kraite.io/v1alpha1';
export const KIND = 'KraiteFleet';

const boxName = (description: string) => text('dns-label', description, { lengthMax: 63 });

const egressIP = () =>
  text(
    'ipv4',
    'Public IPv4 address that the venue sees requests of this box come from: its identity and budget key.',
    { lengthMax: 15 },
  );

const slots = (description: string, preset: number) =>
  count(description, { minimum: 0, maximum: 200, default: preset });

const ownLane = () => slots('Slots for steps that are pinned to this very box, such as probes.', 1);

const ENDPOINT = { default: '', lengthMax: 500 };

const exchange = group('The venue that the fleet trades on.', {
  venue: choice(['binance'], 'Which venue: Binance USD-M futures.', { default: 'binance' }),
  mode: choice(
    ['simulated', 'testnet', 'live'],
    'What is traded: a simulated venue, the test network of the venue, or real money.',
    { default: 'simulated' },
  ),
  endpoints: group(
    'Where a simulated venue listens. `kraite up` fills empty ones; a cluster needs them. Empty for testnet and live.',
    {
      rest: text('endpoint-url', 'Base URL of the REST API, up to `/fapi`.', ENDPOINT),
      publicStream: text('endpoint-url', 'Base URL of the public WebSocket stream.', ENDPOINT),
      marketStream: text('endpoint-url', 'Base URL of the mark-price WebSocket stream.', ENDPOINT),
      privateStream: text('endpoint-url', 'Base URL of the user-data WebSocket stream.', ENDPOINT),
    },
  ),
});

const indicators = group('The indicator box: provider calls wait here and nowhere else.', {
  box: boxName('Name of the box.'),
  egressIP: egressIP(),
  provider: group('Who computes the indicators.', {
    kind: choice(['taapi'], 'Protocol of the provider.', { default: 'taapi' }),
    endpoint: text(
      'endpoint-url',
      'Base URL of the provider; empty is the provider’s own, or the simulated one of `kraite up`.',
      ENDPOINT,
    ),
  }),
  lanes: group('Slots by lane.', {
    indicators: slots('Slots for indicator readings and candles.', 10),
    cronjobs: slots('Slots for what the timetable starts.', 3),
    own: ownLane(),
  }),
});

const network = group('The private network that all boxes meet on.', {
  privateCIDR: text('cidr', 'The private network; database and Redis are reachable only here.', {
    default: '10.0.0.0/16',
    lengthMax: 18,
  }),
  boxes: list(
    'Every box that the object names, with its private address.',
    group('One box.', {
      name: boxName('Name of the box, also of its node.'),
      privateIP: text('ipv4', 'Address in the private network.', { lengthMax: 15 }),
    }),
    { itemsMin: 1, itemsMax: 128, key: 'name' },
  ),
});

const controlPlane = group('The k3s servers.', {
  boxes: list(
    'Boxes that run the control plane; an odd number. Empty leaves it to the cluster.',
    boxName('Name of a box.'),
    { itemsMax: 7, default: [] },
  ),
});

const existing = () =>
  orNull(
    group('A server that you run yourself; the fleet then starts none.', {
      secret: text('dns-label', 'Secret whose key `url` holds the connection URL.'),
    }),
  );

const backup = group('Backups of the database.', {
  s3: orNull(
    group('Object storage that backups go to; null keeps none.', {
      endpoint: text('endpoint-url', 'URL of the object storage.', { lengthMax: 500 }),
      bucket: words('Name of the bucket.', { lengthMax: 63 }),
      region: words('Region of the bucket.', { default: 'auto', lengthMax: 63 }),
      secret: text('dns-label', 'Secret with the keys `accessKey` and `secretKey`.'),
    }),
  ),
  fullEvery: text('duration', 'Time between full backups; the log is shipped in between.', {
    default: '3h',
    lengthMax: 32,
  }),
  keep: group('How many backups stay.', {
    hourly: count('Newest hourly backups.', { minimum: 1, maximum: 168, default: 8 }),
    daily: count('Newest daily backups.', { minimum: 0, maximum: 366, default: 14 }),
    weekly: count('Newest weekly backups.', { minimum: 0, maximum: 520, default: 8 }),
  }),
});

const core = group('The stateful box: database and Redis, nothing else.', {
  box: boxName('Name of the box.'),
  mysql: group('The database.', {
    image: text('image', 'Image of the database server.', { default: 'mysql:8.4.8' }),
    storage: text('size', 'Size of its volume.', { default: '80Gi', lengthMax: 16 }),
    existing: existing(),
  }),
  redis: group('The queues, budgets and prices; nothing that matters lives only here.', {
    image: text('image', 'Image of the Redis server.', { default: 'redis:8.0.5' }),
    existing: existing(),
  }),
  replicaBox: orNull(boxName('Box that holds a replica of the database; null for none.')),
  backup,
});

const brain = group('The brain: dispatcher, scheduler, both streams, and the web sites.', {
  box: boxName('Name of the box.'),
  standbyBox: orNull(
    boxName('Box that takes over dispatcher, scheduler and streams; null for none.'),
  ),
  egressIP: egressIP(),
  lanes: group('Slots by lane.', {
    'user-data-stream': slots('Slots for frames of the user-data streams.', 5),
    own: ownLane(),
  }),
});

const web = group('The three sites.', {
  adminHost: text('hostname', 'Host name of the operators’ site.', { default: 'admin.localhost' }),
  publicHost: text('hostname', 'Host name of the public site.', { default: 'localhost' }),
  docsHost: text('hostname', 'Host name of the documentation.', { default: 'syntax.localhost' }),
  tls: group('Certificates, in a cluster. Both null: no TLS here.', {
    acmeEmail: orNull(text('email', 'Asks an ACME authority for certificates, as this person.')),
    secret: orNull(text('dns-label', 'Secret with a certificate that you bring.')),
  }),
});

const trading = group(
  'The interchangeable trading boxes: each address is one budget of the venue.',
  {
    boxes: list(
      'At least one; any of them runs any account’s steps.',
      group('One trading box.', {
        name: boxName('Name of the box.'),
        egressIP: egressIP(),
        lanes: group('Slots by lane.', {
          positions: slots('Slots for steps of positions.', 5),
          orders: slots('Slots for placing, changing and cancelling orders.', 8),
          priority: slots('Slots for what protects or closes.', 3),
          own: ownLane(),
        }),
      }),
      { itemsMin: 1, itemsMax: 96, key: 'name' },
    ),
  },
);

const update = group('How a new version or changed numbers reach the boxes.', {
  drainTimeout: text('duration', 'How long a worker may finish what it runs; at least 60s.', {
    default: '20m',
    lengthMax: 32,
  }),
  maxUnavailable: count('Boxes of the trading group that may be away at once.', {
    minimum: 1,
    maximum: 95,
    default: 1,
  }),
  slotsOwner: choice(
    ['pool', 'fleet'],
    '`pool`: `kubectl scale` of a pool stays until the fleet’s number changes. `fleet`: scaling a pool is refused.',
    { default: 'pool' },
  ),
  windows: list(
    'When boxes may be updated, UTC; none means at any time.',
    group('One window.', {
      days: list(
        'Days on which it opens; empty is every day.',
        choice(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], 'Day of the week.'),
        { itemsMax: 7, default: [] },
      ),
      from: text('time-of-day', 'When it opens.', { lengthMax: 5 }),
      lasts: text('duration', 'How long it stays open.', { lengthMax: 32 }),
    }),
    { itemsMax: 16, default: [] },
  ),
});

export const FleetSpecSchema = group('What the fleet is to be.', {
  paused: flag('Stops the operator from changing anything. Trading goes on.', { default: false }),
  version: text('version', 'Version of Kraite that the boxes run.', {
    default: '0.1.0',
    lengthMax: 64,
  }),
  image: orNull(text('image', 'Image of Kraite; null derives it from the version.')),
  exchange,
  indicators,
  network,
  controlPlane,
  core,
  brain,
  web,
  trading,
  update,
});

export const KraiteFleetSchema = group('A trading fleet as one object.', {
  apiVersion: choice([API_VERSION], 'Version of this form.'),
  kind: choice([KIND], 'Always KraiteFleet.'),
  metadata: group('Name and labels, as on every Kubernetes object.', {
    name: boxName('Name of the fleet.'),
    namespace: text('dns-label', 'Namespace that it lives in.', {
      default: 'kraite',
      lengthMax: 63,
    }),
    labels: textMap('Labels.'),
    annotations: textMap('Annotations.'),
  }),
  spec: FleetSpecSchema,
});

/** A whole object: every default is filled in. */
export type KraiteFleet = Static<typeof KraiteFleetSchema>;
export type FleetSpec = KraiteFleet['spec'];
