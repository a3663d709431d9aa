/**
 * The layer table, once: a module imports only modules of layers before its own, and a library has one door.
 *
 * `.dependency-cruiser.mjs` makes the rules from it, `layers.test.ts` compares the copy in ARCHITECTURE.md, and
 * `node tests/tidy/write-layers.ts` writes that copy.
 */
export interface Layer {
  readonly modules: readonly string[];
  readonly purpose: string;
}

/** From the bottom up. A module inside another (`schedule/leases`) stands on its own; `operator/…` is a folder at the top. */
export const LAYERS: readonly Layer[] = [
  { modules: ['base'], purpose: 'clock, chance, ids, decimals, errors, reasons' },
  {
    modules: ['domain', 'config', 'observability'],
    purpose: 'vocabulary of trading; configuration; log and metrics',
  },
  { modules: ['redis'], purpose: 'the Redis connection' },
  { modules: ['statistics'], purpose: 'moves of candles, correlation, elasticity' },
  {
    modules: ['regime', 'backtest', 'risk'],
    purpose:
      'how dangerous the whole market is; what a ladder would have done; what an account may carry',
  },
  { modules: ['fleet-spec', 'budgets'], purpose: 'the object and its plan; shared rate limits' },
  {
    modules: ['egress', 'images'],
    purpose: 'which address a request leaves from; which digest a tag stands for',
  },
  { modules: ['exchange'], purpose: 'the venue: port, Binance, simulated' },
  {
    modules: ['store', 'queues', 'market-data', 'indicators'],
    purpose: 'rows, lanes, prices, readings',
  },
  {
    modules: ['streams', 'schedule/leases', 'holds', 'prospects', 'exchange/simulated'],
    purpose:
      'what the venue pushes; who may do what only one may do; what is paused; what is known of a symbol; a venue of our own',
  },
  {
    modules: ['steps', 'accounts', 'modes'],
    purpose: 'the durable engine; whose money it is; what the fleet lets happen',
  },
  {
    modules: ['events', 'story'],
    purpose: 'what happened, told to whoever watches; what happened to one position',
  },
  { modules: ['lifecycles'], purpose: 'open, sync, wap, close, cancel' },
  {
    modules: ['signals', 'selection', 'guards', 'notifications', 'figures', 'key-checks'],
    purpose:
      'which direction; which symbol gets a slot; what watches over all of it; who is told; what it earned; which key works from where',
  },
  {
    modules: ['rescue'],
    purpose: 'how a person ends the trade of an account, or mends its books',
  },
  { modules: ['schedule'], purpose: 'the timetable' },
  { modules: ['trade'], purpose: 'every step and workflow of the trade, and when they run' },
  { modules: ['local', 'web'], purpose: 'the fleet on one machine; the three sites' },
  { modules: ['compose'], purpose: 'where adapters are chosen and roles put together' },
  {
    modules: ['operator/runtime'],
    purpose: 'what an operator needs of Kubernetes; knows no kind of ours',
  },
  {
    modules: ['operator/egress-probe'],
    purpose: 'how an address is seen from outside: echo services, the probe pod',
  },
  { modules: ['operator/api'], purpose: 'the three kinds, their CRDs, and shared names' },
  {
    modules: ['operator/resources', 'operator/node-agent', 'operator/k3s'],
    purpose: 'manifests from the plan; the egress of one node; configuration of the boxes',
  },
  {
    modules: ['operator/reconcilers', 'operator/charts'],
    purpose: 'observe, plan, apply, report; values and rights of the charts',
  },
  { modules: ['operator/compose'], purpose: 'the processes of the operator put together' },
  { modules: ['lab'], purpose: 'a cluster of a fleet on one machine' },
  { modules: ['house', 'monitoring'], purpose: 'how the whole is checked; dashboards' },
  { modules: ['cli'], purpose: 'the verbs' },
];

/** Folder of a module of the table. */
function folderOf(module: string): string {
  return module.startsWith('operator/') ? module : `pkg/${module}`;
}

export interface Door {
  readonly libraries: readonly string[];
  /** Folders below which they may be imported. */
  readonly folders: readonly string[];
}

/** A library that is not here may be imported anywhere. */
export const DOORS: readonly Door[] = [
  { libraries: ['decimal.js'], folders: ['pkg/base'] },
  { libraries: ['kysely', 'mysql2'], folders: ['pkg/store/mysql'] },
  { libraries: ['bullmq'], folders: ['pkg/queues/bullmq'] },
  { libraries: ['ioredis'], folders: ['pkg/redis'] },
  { libraries: ['ws'], folders: ['pkg/streams', 'pkg/exchange', 'pkg/web'] },
  {
    libraries: ['undici'],
    folders: [
      'pkg/exchange',
      'pkg/indicators',
      'pkg/egress',
      'operator/runtime',
      'operator/node-agent',
    ],
  },
  { libraries: ['@kubernetes/client-node'], folders: ['operator/runtime'] },
  { libraries: ['pino', 'prom-client'], folders: ['pkg/observability'] },
  {
    libraries: ['yaml'],
    folders: ['pkg/fleet-spec', 'pkg/cli', 'pkg/lab', 'operator/api', 'operator/k3s'],
  },
  { libraries: ['trading-signals'], folders: ['pkg/indicators'] },
  { libraries: ['nodemailer'], folders: ['pkg/notifications'] },
  { libraries: ['@grafana/grafana-foundation-sdk'], folders: ['pkg/monitoring'] },
  { libraries: ['croner'], folders: ['pkg/schedule'] },
  { libraries: ['commander'], folders: ['pkg/cli', 'pkg/exchange/simulated'] },
  {
    libraries: [
      'fastify',
      '@fastify/cookie',
      '@fastify/formbody',
      '@fastify/rate-limit',
      '@node-rs/argon2',
      'marked',
      'acme-client',
    ],
    folders: ['pkg/web'],
  },
  {
    libraries: ['node:child_process'],
    folders: ['pkg/local', 'pkg/lab', 'pkg/house', 'operator/node-agent'],
  },
];

export interface CruiserRule {
  readonly name: string;
  readonly severity: 'error';
  readonly comment: string;
  readonly from: Readonly<Record<string, unknown>>;
  readonly to: Readonly<Record<string, unknown>>;
}

const TESTS = '\\.test\\.ts$';

/** Returns the rules of dependency-cruiser that the tables ask for. */
export function cruiserRules(): readonly CruiserRule[] {
  return [...layerRules(), ...doorRules(), ...faceRules(), runtimeRule()];
}

function runtimeRule(): CruiserRule {
  return {
    name: 'runtime-stands-alone',
    severity: 'error',
    comment: 'operator/runtime imports nothing of ours but base and observability',
    from: { path: '^operator/runtime/', pathNot: TESTS },
    to: {
      path: '^(pkg|operator|cmd|tests)/',
      pathNot: '^(operator/runtime|pkg/base|pkg/observability)/',
    },
  };
}

const MODULES = LAYERS.flatMap((layer) => layer.modules);
const NESTED = MODULES.filter(isNested);

function isNested(module: string): boolean {
  return module.includes('/') && !module.startsWith('operator/');
}

/** The modules inside `module` that stand on their own. */
function insideOf(module: string): readonly string[] {
  return MODULES.filter((other) => other.startsWith(`${module}/`));
}

function layerRules(): readonly CruiserRule[] {
  return LAYERS.flatMap(({ modules }, index) =>
    modules.map((module) => {
      const above = LAYERS.slice(index)
        .flatMap((layer) => layer.modules)
        .filter((other) => other !== module);
      const exceptions = LAYERS.slice(0, index).flatMap((layer) => layer.modules);
      const nested = exceptions.filter(isNested);
      return {
        name: `layer-of-${module}`,
        severity: 'error' as const,
        comment: `${module} imports only modules of the layers below its own (tests/tidy/layers.ts)`,
        from: {
          path: `^${folderOf(module)}/`,
          pathNot: [TESTS, ...insideOf(module).map((other) => `^${folderOf(other)}/`)],
        },
        to: {
          path: `^((${above.map(folderOf).join('|')})/|cmd/|tests/)`,
          pathNot: [...nested, ...(isNested(module) ? [module] : [])].map(
            (other) => `^${folderOf(other)}/`,
          ),
        },
      };
    }),
  );
}

function doorRules(): readonly CruiserRule[] {
  return DOORS.flatMap(({ libraries, folders }) =>
    libraries.map((library) => ({
      name: `door-of-${library}`,
      severity: 'error' as const,
      comment: `${library} is imported only in ${folders.join(', ')}`,
      from: {
        path: '^(pkg|operator|cmd)/',
        pathNot: [...folders.map((folder) => `^${folder}/`), TESTS],
      },
      to: {
        path: library.startsWith('node:')
          ? `^${library.slice('node:'.length)}$`
          : `(^|/)node_modules/${library}/`,
      },
    })),
  );
}

function faceRules(): readonly CruiserRule[] {
  return [
    {
      name: 'one-face',
      severity: 'error',
      comment: 'another module is entered only through its index.ts (#pkg/<name>)',
      from: { path: '^(?:((?:pkg|operator)/[^/]+)|cmd)/', pathNot: TESTS },
      to: {
        path: '^(pkg|operator)/',
        pathNot: ['^$1/', `^(pkg|operator)/([^/]+|${NESTED.join('|')})/index\\.ts$`],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'files do not import each other in a circle',
      from: { path: '^(pkg|operator|cmd)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'an import leads somewhere',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'monitoring-does-not-run',
      severity: 'error',
      comment: 'what makes the dashboards is no part of what runs',
      from: { path: '^(pkg|operator|cmd)/', pathNot: [TESTS, '^pkg/monitoring/'] },
      to: { path: '^pkg/monitoring/' },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      comment: 'what runs needs only dependencies; the dashboards are made before',
      from: { path: '^(pkg|operator|cmd)/', pathNot: [TESTS, '^pkg/monitoring/'] },
      to: { dependencyTypes: ['npm-dev'], pathNot: '(^|/)node_modules/@types/' },
    },
  ];
}

/** Returns the tables as the block of ARCHITECTURE.md between its markers. */
export function renderLayers(): string {
  const layers = LAYERS.toReversed().map(
    ({ modules, purpose }) => `| ${modules.map((name) => `\`${name}\``).join(' ')} | ${purpose} |`,
  );
  const doors = DOORS.map(
    ({ libraries, folders }) =>
      `| ${libraries.map((name) => `\`${name}\``).join(' ')} | ${folders.map((name) => `\`${name}\``).join(' ')} |`,
  );
  return [
    '| modules, from the top down (`cmd/*` stands above all) | what for |',
    '|---|---|',
    ...layers,
    '',
    '| library | its door |',
    '|---|---|',
    ...doors,
  ].join('\n');
}

const BEGIN = '<!-- layers:begin -->';
const END = '<!-- layers:end -->';

/** Returns `text` with the block between the markers replaced, or undefined when a marker is missing. */
export function replaceLayers(text: string): string | undefined {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) return undefined;
  return `${text.slice(0, begin + BEGIN.length)}\n${renderLayers()}\n${text.slice(end)}`;
}
