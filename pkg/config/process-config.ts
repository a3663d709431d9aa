import { ConfigError } from './config-error.ts';
import { readEnvironment, type Environment, type EnvironmentReader } from './environment.ts';
import { variableName, type VariableName } from './variables.ts';

/** What every process of the fleet is told; set by the applier (local or operator) from the plan. */
export interface ProcessConfig {
  /** Name of the workload, for example `eos-worker`. */
  readonly processName: string;
  readonly box: string;
  readonly version: string;
  /** `local`: ends with its launcher. `cluster`: a pod. */
  readonly runtime: 'local' | 'cluster';
  /** Row and budget identity of this box; undefined on the core and for processes that call no venue. */
  readonly egressAddress: string | undefined;
  /** Local address that venue sockets bind; local runtime only. */
  readonly bindAddress: string | undefined;
  /** Written by the box's node agent: the verified address with an expiry; undefined locally. */
  readonly egressFile: string | undefined;
  readonly mysqlUrl: string;
  readonly redisUrl: string;
  readonly mode: 'simulated' | 'testnet' | 'live';
  /** Undefined (never when simulated) means the documented hosts of the mode. */
  readonly venue: VenueConfig;
  /** `url` is undefined (never when simulated) for the provider's own. */
  readonly indicators: { readonly url: string | undefined; readonly secret: string };
  /** Slots, pause and drain of this process; watched. Undefined for processes without lanes. */
  readonly workloadFile: string | undefined;
  /** Where /livez, /readyz, /metrics and POST /drain listen; port 0 takes a free one. */
  readonly health: { readonly host: string; readonly port: number };
  /** The KraiteFleet that was applied last; re-read when it changes. Only web needs it. */
  readonly fleetFile: string | undefined;
  /** Folder for what a process keeps beside the database (dead letters); survives a restart of the process. */
  readonly scratchFolder: string;
  /** Only web needs it. */
  readonly web: WebConfig;
  /** File with the 32-byte key (hex) that seals account secrets; undefined for processes that sign nothing. */
  readonly secretKeyFile: string | undefined;
  /** How long a process that was asked to end lets what runs end by itself. */
  readonly stopGraceMs: number;
  readonly logLevel: string;
}

export interface VenueConfig {
  readonly restUrl: string | undefined;
  readonly publicStreamUrl: string | undefined;
  readonly marketStreamUrl: string | undefined;
  readonly privateStreamUrl: string | undefined;
}

export interface WebConfig {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined serves no TLS. */
  readonly httpsPort: number | undefined;
  /** `tls.crt` and `tls.key`; undefined leaves certificates to ACME. */
  readonly tlsFolder: string | undefined;
  /** Undefined means Let's Encrypt. */
  readonly acmeDirectoryUrl: string | undefined;
  readonly adminPasswordFile: string | undefined;
}

/** What a process in a pod uses where it is told nothing; the manifests name the same ports. */
export const CLUSTER_DEFAULTS = {
  healthPort: 9_464,
  webPort: 8_080,
  webHttpsPort: 8_443,
  stopGraceMs: 20_000,
} as const;

const PORT_MAX = 65_535;
const STOP_GRACE_MS_MAX = 3_600_000;

/** Reads the configuration of a fleet process from `environment` (KRAITE_…). Throws {@link ConfigError}. */
export function readProcessConfig(environment: Environment): ProcessConfig {
  const reader = readEnvironment(environment);
  const { optional, needed, choice, integer } = reader;
  const runtime = choice('RUNTIME', ['local', 'cluster']);
  const mode = choice('MODE', ['simulated', 'testnet', 'live']);
  const isPod = runtime === 'cluster';
  const url = mode === 'simulated' ? reader.neededUrl : reader.optionalUrl;
  const anyHost = isPod ? '0.0.0.0' : '127.0.0.1';
  const config: ProcessConfig = {
    processName: needed('PROCESS'),
    box: needed('BOX'),
    version: optional('VERSION') ?? '0.0.0',
    runtime,
    egressAddress: optional('EGRESS_ADDRESS'),
    bindAddress: optional('BIND_ADDRESS'),
    egressFile: optional('EGRESS_FILE'),
    mysqlUrl: neededSecretUrl(reader, 'MYSQL_URL', 'MYSQL_URL_FILE'),
    redisUrl: neededSecretUrl(reader, 'REDIS_URL', 'REDIS_URL_FILE'),
    mode,
    venue: {
      restUrl: url('VENUE_REST_URL'),
      publicStreamUrl: url('VENUE_PUBLIC_STREAM_URL'),
      marketStreamUrl: url('VENUE_MARKET_STREAM_URL'),
      privateStreamUrl: url('VENUE_PRIVATE_STREAM_URL'),
    },
    indicators: {
      url: url('INDICATORS_URL'),
      secret: reader.optionalSecret('INDICATORS_SECRET', 'INDICATORS_SECRET_FILE') ?? '',
    },
    workloadFile: optional('WORKLOAD_FILE'),
    health: {
      host: optional('HEALTH_HOST') ?? anyHost,
      port: integer('HEALTH_PORT', {
        preset: isPod ? CLUSTER_DEFAULTS.healthPort : 0,
        max: PORT_MAX,
      }),
    },
    fleetFile: optional('FLEET_FILE'),
    scratchFolder: optional('SCRATCH_FOLDER') ?? '.',
    web: readWeb(reader, { isPod, host: anyHost }),
    secretKeyFile: optional('SECRET_KEY_FILE'),
    stopGraceMs: integer('STOP_GRACE_MS', {
      preset: isPod ? CLUSTER_DEFAULTS.stopGraceMs : 0,
      max: STOP_GRACE_MS_MAX,
    }),
    logLevel: optional('LOG_LEVEL') ?? 'info',
  };
  if (reader.mistakes.length > 0) throw new ConfigError(reader.mistakes);
  return config;
}

function readWeb(
  { optional, optionalUrl, integer }: EnvironmentReader,
  { isPod, host }: { readonly isPod: boolean; readonly host: string },
): WebConfig {
  const hasHttps = isPod || optional('WEB_HTTPS_PORT') !== undefined;
  const https = integer('WEB_HTTPS_PORT', { preset: CLUSTER_DEFAULTS.webHttpsPort, max: PORT_MAX });
  return {
    host: optional('WEB_HOST') ?? host,
    port: integer('WEB_PORT', { preset: isPod ? CLUSTER_DEFAULTS.webPort : 0, max: PORT_MAX }),
    httpsPort: hasHttps ? https : undefined,
    tlsFolder: optional('TLS_FOLDER'),
    acmeDirectoryUrl: optionalUrl('ACME_DIRECTORY_URL'),
    adminPasswordFile: optional('ADMIN_PASSWORD_FILE'),
  };
}

/** Returns a URL that holds a password; a mistake names the variable and never the value. */
function neededSecretUrl(
  reader: EnvironmentReader,
  name: VariableName,
  file: VariableName,
): string {
  const value = reader.optionalSecret(name, file);
  if (value === undefined) {
    reader.mistakes.push(`neither ${variableName(name)} nor ${variableName(file)} is set`);
  } else if (value !== '' && !URL.canParse(value)) {
    reader.mistakes.push(`${variableName(name)} is not a URL`);
  }
  return value ?? '';
}

/** Returns the environment from which `readProcessConfig` reads `config` back. */
export function writeProcessConfig(config: ProcessConfig): Readonly<Record<string, string>> {
  const { venue, web } = config;
  const values: Readonly<Partial<Record<VariableName, string | undefined>>> = {
    PROCESS: config.processName,
    BOX: config.box,
    VERSION: config.version,
    RUNTIME: config.runtime,
    EGRESS_ADDRESS: config.egressAddress,
    BIND_ADDRESS: config.bindAddress,
    EGRESS_FILE: config.egressFile,
    MYSQL_URL: config.mysqlUrl,
    REDIS_URL: config.redisUrl,
    MODE: config.mode,
    VENUE_REST_URL: venue.restUrl,
    VENUE_PUBLIC_STREAM_URL: venue.publicStreamUrl,
    VENUE_MARKET_STREAM_URL: venue.marketStreamUrl,
    VENUE_PRIVATE_STREAM_URL: venue.privateStreamUrl,
    INDICATORS_URL: config.indicators.url,
    INDICATORS_SECRET: config.indicators.secret,
    WORKLOAD_FILE: config.workloadFile,
    HEALTH_HOST: config.health.host,
    HEALTH_PORT: String(config.health.port),
    FLEET_FILE: config.fleetFile,
    SCRATCH_FOLDER: config.scratchFolder,
    WEB_HOST: web.host,
    WEB_PORT: String(web.port),
    WEB_HTTPS_PORT: web.httpsPort === undefined ? undefined : String(web.httpsPort),
    TLS_FOLDER: web.tlsFolder,
    ACME_DIRECTORY_URL: web.acmeDirectoryUrl,
    ADMIN_PASSWORD_FILE: web.adminPasswordFile,
    SECRET_KEY_FILE: config.secretKeyFile,
    STOP_GRACE_MS: String(config.stopGraceMs),
    LOG_LEVEL: config.logLevel,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[variableName(name as VariableName), value]],
    ),
  );
}
