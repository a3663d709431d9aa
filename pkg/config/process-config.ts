import { FleetError } from '#pkg/base';

/** What every process of the fleet is told; set by the applier (local or operator) from the plan. */
export interface ProcessConfig {
  /** Name of the workload, for example `eos-worker`. */
  readonly processName: string;
  readonly box: string;
  readonly version: string;
  /** Row and budget identity of this box; undefined on the core and for processes that call no venue. */
  readonly egressAddress: string | undefined;
  /** Local address that venue sockets bind; local runtime only. */
  readonly bindAddress: string | undefined;
  readonly mysqlUrl: string;
  readonly redisUrl: string;
  readonly mode: 'simulated' | 'testnet' | 'live';
  readonly venue: {
    readonly restUrl: string;
    readonly publicStreamUrl: string;
    readonly marketStreamUrl: string;
    readonly privateStreamUrl: string;
  };
  readonly indicators: { readonly url: string; readonly secret: string };
  /** Slots, pause and drain of this process; watched. Undefined for processes without lanes. */
  readonly workloadFile: string | undefined;
  /** Where /livez, /readyz, /metrics and POST /drain listen; port 0 takes a free one. */
  readonly health: { readonly host: string; readonly port: number };
  /** The KraiteFleet that was applied last; re-read when it changes. Only web needs it. */
  readonly fleetFile: string | undefined;
  /** Folder for what a process keeps beside the database (dead letters); survives a restart of the process. */
  readonly scratchFolder: string;
  /** Where the three sites listen; only web needs it, 0 takes a free port. */
  readonly webPort: number;
  /** File with the 32-byte key (hex) that seals account secrets. */
  readonly secretKeyFile: string;
  readonly logLevel: string;
}

/** The process was told something unusable. The message lists every mistake; the process exits with 2. */
export class ConfigError extends FleetError<'CONFIG_INVALID'> {
  constructor(mistakes: readonly string[]) {
    super(
      'CONFIG_INVALID',
      `unusable configuration:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
    );
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the configuration of a fleet process from `environment` (KRAITE_…). Throws {@link ConfigError}. */
export function readProcessConfig(environment: Environment): ProcessConfig {
  const mistakes: string[] = [];
  const optional = (name: string): string | undefined => {
    const value = environment[`KRAITE_${name}`];
    return value === undefined || value === '' ? undefined : value;
  };
  const needed = (name: string): string => {
    const value = optional(name);
    if (value === undefined) mistakes.push(`KRAITE_${name} is not set`);
    return value ?? '';
  };
  const neededUrl = (name: string): string => {
    const value = needed(name);
    if (value !== '' && !URL.canParse(value))
      mistakes.push(`KRAITE_${name}: ${value} is not a URL`);
    return value;
  };
  const mode = optional('MODE') ?? 'simulated';
  if (mode !== 'simulated' && mode !== 'testnet' && mode !== 'live') {
    mistakes.push(`KRAITE_MODE: ${mode} is none of simulated, testnet, live`);
  }
  const port = (name: string): number => {
    const text = optional(name) ?? '0';
    const value = Number(text);
    if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
    mistakes.push(`KRAITE_${name}: ${text} is not a port`);
    return 0;
  };
  const config: ProcessConfig = {
    processName: needed('PROCESS'),
    box: needed('BOX'),
    version: optional('VERSION') ?? '0.0.0',
    egressAddress: optional('EGRESS_ADDRESS'),
    bindAddress: optional('BIND_ADDRESS'),
    mysqlUrl: neededUrl('MYSQL_URL'),
    redisUrl: neededUrl('REDIS_URL'),
    mode: mode as ProcessConfig['mode'],
    venue: {
      restUrl: neededUrl('VENUE_REST_URL'),
      publicStreamUrl: neededUrl('VENUE_PUBLIC_STREAM_URL'),
      marketStreamUrl: neededUrl('VENUE_MARKET_STREAM_URL'),
      privateStreamUrl: neededUrl('VENUE_PRIVATE_STREAM_URL'),
    },
    indicators: { url: neededUrl('INDICATORS_URL'), secret: optional('INDICATORS_SECRET') ?? '' },
    workloadFile: optional('WORKLOAD_FILE'),
    health: { host: optional('HEALTH_HOST') ?? '127.0.0.1', port: port('HEALTH_PORT') },
    fleetFile: optional('FLEET_FILE'),
    scratchFolder: optional('SCRATCH_FOLDER') ?? '.',
    webPort: port('WEB_PORT'),
    secretKeyFile: needed('SECRET_KEY_FILE'),
    logLevel: optional('LOG_LEVEL') ?? 'info',
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

/** Returns the environment from which `readProcessConfig` reads `config` back. */
export function writeProcessConfig(config: ProcessConfig): Readonly<Record<string, string>> {
  const pairs: Readonly<Record<string, string | undefined>> = {
    PROCESS: config.processName,
    BOX: config.box,
    VERSION: config.version,
    EGRESS_ADDRESS: config.egressAddress,
    BIND_ADDRESS: config.bindAddress,
    MYSQL_URL: config.mysqlUrl,
    REDIS_URL: config.redisUrl,
    MODE: config.mode,
    VENUE_REST_URL: config.venue.restUrl,
    VENUE_PUBLIC_STREAM_URL: config.venue.publicStreamUrl,
    VENUE_MARKET_STREAM_URL: config.venue.marketStreamUrl,
    VENUE_PRIVATE_STREAM_URL: config.venue.privateStreamUrl,
    INDICATORS_URL: config.indicators.url,
    INDICATORS_SECRET: config.indicators.secret,
    WORKLOAD_FILE: config.workloadFile,
    HEALTH_HOST: config.health.host,
    HEALTH_PORT: String(config.health.port),
    FLEET_FILE: config.fleetFile,
    SCRATCH_FOLDER: config.scratchFolder,
    WEB_PORT: config.webPort === 0 ? undefined : String(config.webPort),
    SECRET_KEY_FILE: config.secretKeyFile,
    LOG_LEVEL: config.logLevel,
  };
  return Object.fromEntries(
    Object.entries(pairs).flatMap(([name, value]) =>
      value === undefined ? [] : [[`KRAITE_${name}`, value]],
    ),
  );
}
