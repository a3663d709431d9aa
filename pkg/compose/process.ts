import {
  createIdMaker,
  createSystemClock,
  createSystemRandom,
  toError,
  type Clock,
  type IdMaker,
  type Random,
  type Reason,
} from '#pkg/base';
import { ConfigError, readProcessConfig, type ProcessConfig } from '#pkg/config';
import {
  createLogger,
  createMetrics,
  startHealthServer,
  type HealthServer,
  type Logger,
  type Metrics,
  type Readiness,
} from '#pkg/observability';
import { listenForEnd, whenAborted } from './ending.ts';
import { STOP_MS_MAX, untilEnded } from './until-ended.ts';

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
  /** Says on /readyz what the start waits for; undefined when it goes on. */
  readonly waitFor: (reason: Reason | undefined) => void;
}

/** A composed role; disposing of it stops it in order. */
export interface ProcessRole extends AsyncDisposable {
  /** What /readyz answers; what is left out means ready and not draining. */
  readiness(): Partial<Readiness> | Promise<Partial<Readiness>>;
  /** Takes nothing more, for good; resolves when nothing is left that only this process can do. */
  drain?(): Promise<void>;
  /** Takes nothing at all any more; resolves when nothing runs. */
  finish?(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;
export type ComposeRole = (base: ProcessBase) => Promise<ProcessRole>;

/**
 * Runs one process of the fleet until it is asked to end.
 *
 * Prints one JSON line with the port of its health server, composes the role, and ends on SIGTERM, on SIGINT where a
 * person typed it, or, outside a cluster, when its standard input closes (the launcher died). Before it ends it lets
 * what runs end by itself for as long as its configuration grants. Never returns. Exit codes: 0 ended in order,
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
  const ending = listenForEnd(logger, { runtime: config.runtime });
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

/** The role while it comes up: what it waits for, and whether it was told to drain meanwhile. */
interface Life {
  role: ProcessRole | undefined;
  waitsFor: Reason | undefined;
  isDrainAsked: boolean;
}

async function runRole(
  config: ProcessConfig,
  logger: Logger,
  signal: AbortSignal,
  composeRole: ComposeRole,
): Promise<void> {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const { box, version, processName } = config;
  const metrics = createMetrics({ box, process: processName, version });
  const life: Life = { role: undefined, waitsFor: undefined, isDrainAsked: false };
  const health = await startHealthServer({
    ...config.health,
    identity: { process: processName, box, version },
    metrics,
    clock,
    // A loop that stalls does not answer at all, which is what the probe's time limit is for.
    isLive: () => true,
    readiness: () => describeLife(life),
    drain: () => drainLife(life, logger),
  });
  const listening = { kind: 'listening', process: processName, port: health.port };
  process.stdout.write(`${JSON.stringify(listening)}\n`);
  const composing = composeRole({
    config,
    logger,
    clock,
    random,
    newId: createIdMaker(clock, random),
    metrics,
    signal,
    waitFor: (reason) => {
      life.waitsFor = reason;
    },
  });
  const role = await untilEnded(composing, { clock, signal });
  if (role === undefined)
    return logger.info({ reason: life.waitsFor }, 'ended before it was ready');
  life.role = role;
  if (life.isDrainAsked) void drainLife(life, logger);
  logger.info({ port: health.port }, 'process ready');
  await whenAborted(signal);
  await stopRole(role, health, { clock, graceMs: config.stopGraceMs });
  logger.info({}, 'process ended');
}

async function describeLife(life: Life): Promise<Readiness> {
  const { role, isDrainAsked: isDraining } = life;
  if (role === undefined) {
    const reasons: readonly Reason[] = [life.waitsFor ?? 'ProcessStarting'];
    return { isReady: false, isDraining, isDrained: isDraining, reasons };
  }
  const known = { isReady: true, isDraining, isDrained: isDraining, reasons: [] };
  return { ...known, ...(await role.readiness()) };
}

async function drainLife(life: Life, logger: Logger): Promise<void> {
  life.isDrainAsked = true;
  try {
    await life.role?.drain?.();
  } catch (error) {
    logger.error({ err: toError(error) }, 'drain failed');
  }
}

/** Lets what runs end within the grace, hands back the rest, and keeps answering on the health port until then. */
async function stopRole(
  role: ProcessRole,
  health: HealthServer,
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<void> {
  if (graceMs > 0 && role.finish !== undefined) {
    await Promise.race([role.finish(), clock.sleep(graceMs)]);
  }
  const stopped = role[Symbol.asyncDispose]().then(() => health[Symbol.asyncDispose]());
  await Promise.race([stopped, clock.sleep(STOP_MS_MAX)]);
}
