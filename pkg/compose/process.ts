import {
  createIdMaker,
  createSystemClock,
  createSystemRandom,
  toError,
  type Clock,
  type IdMaker,
  type Random,
} from '#pkg/base';
import { ConfigError, readProcessConfig, type ProcessConfig } from '#pkg/config';
import {
  createLogger,
  createMetrics,
  startHealthServer,
  type Logger,
  type Metrics,
  type Readiness,
} from '#pkg/observability';

/** What every process is composed from. */
export interface ProcessBase {
  readonly config: ProcessConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: IdMaker;
  readonly metrics: Metrics;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** A composed role; disposing of it stops it in order. */
export interface ProcessRole extends AsyncDisposable {
  /** What /readyz answers. */
  readiness(): Readiness;
  /** Takes nothing more; resolves when nothing runs any more. */
  drain?(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;
export type ComposeRole = (base: ProcessBase) => Promise<ProcessRole>;

const STOP_MS_MAX = 10_000;
const STARTING: Readiness = { isReady: false, isDraining: false, reasons: ['ProcessStarting'] };

/**
 * Runs one process of the fleet until it is asked to end.
 *
 * Prints one JSON line with the port of its health server, composes the role, and ends on SIGTERM, on SIGINT where a
 * person typed it, or when its standard input closes (the launcher died). Never returns. Exit codes: 0 ended in order,
 * 1 crashed, 2 bad configuration.
 */
export async function runProcess(
  environment: Environment,
  composeRole: ComposeRole,
): Promise<never> {
  const config = readConfigOrExit(environment);
  const logger = createLogger(config.processName, {
    level: config.logLevel,
    fields: { box: config.box },
  });
  const ending = listenForEnd(logger);
  try {
    await runRole(config, logger, ending.signal, composeRole);
  } catch (error) {
    logger.error({ err: toError(error) }, 'process crashed');
    process.exit(1);
  }
  process.exit(0);
}

function readConfigOrExit(environment: Environment): ProcessConfig {
  try {
    return readProcessConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(2);
  }
}

async function runRole(
  config: ProcessConfig,
  logger: Logger,
  signal: AbortSignal,
  composeRole: ComposeRole,
): Promise<void> {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const metrics = createMetrics({
    box: config.box,
    process: config.processName,
    version: config.version,
  });
  const composed: { role?: ProcessRole } = {};
  const health = await startHealthServer({
    host: config.health.host,
    port: config.health.port,
    metrics,
    isLive: () => true,
    readiness: () => composed.role?.readiness() ?? STARTING,
    onDrain: () => {
      composed.role?.drain?.().catch((error: unknown) => {
        logger.error({ err: toError(error) }, 'drain failed');
      });
    },
  });
  const listening = { kind: 'listening', process: config.processName, port: health.port };
  process.stdout.write(`${JSON.stringify(listening)}\n`);
  const newId = createIdMaker(clock, random);
  const role = await composeRole({ config, logger, clock, random, newId, metrics, signal });
  composed.role = role;
  logger.info({ port: health.port }, 'process ready');
  await aborted(signal);
  const stopped = Promise.all([role[Symbol.asyncDispose](), health[Symbol.asyncDispose]()]);
  await Promise.race([stopped, clock.sleep(STOP_MS_MAX)]);
  logger.info({}, 'process ended');
}

function listenForEnd(logger: Logger): AbortController {
  const ending = new AbortController();
  const end = (why: string): void => {
    if (ending.signal.aborted) process.exit(0);
    logger.info({ why }, 'asked to end');
    ending.abort();
  };
  const isTypedByPerson = process.stdin.isTTY;
  process.on('SIGTERM', () => end('SIGTERM'));
  // Under a launcher, Ctrl-C reaches the whole process group; the launcher decides what happens then.
  process.on('SIGINT', () => {
    if (isTypedByPerson) end('SIGINT');
  });
  process.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  process.on('unhandledRejection', (reason) => {
    logger.error({ err: toError(reason) }, 'unhandled rejection');
    process.exit(1);
  });
  if (!isTypedByPerson) {
    process.stdin.on('end', () => end('launcher gone'));
    process.stdin.on('error', () => end('launcher gone'));
    process.stdin.resume();
  }
  return ending;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
