import { createSystemClock, createSystemRandom, toError } from '#pkg/base';
import {
  createControllerMetrics,
  createLogger,
  createMetrics,
  startHealthServer,
  type Logger,
  type Metrics,
} from '#pkg/observability';
import {
  connectToCluster,
  createRestClient,
  loadKubeAccess,
  makeIdentity,
  type Manager,
} from '#operator/runtime';
import { composeOperator } from './compose-operator.ts';
import { OperatorConfigError, readOperatorConfig, type OperatorConfig } from './operator-config.ts';
import { readVersion } from './read-version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Runs the operator until it is asked to end by SIGTERM or SIGINT, or its lease is lost.
 *
 * Prints one JSON line with the port of its health server. Never returns. Exit codes: 0 ended in order, 1 crashed or
 * lost its lease, 2 bad configuration.
 */
export async function runOperator(environment: Environment): Promise<never> {
  const config = readConfigOrExit(environment);
  const logger = createLogger('operator', {
    level: config.logLevel,
    fields: { pod: config.podName },
  });
  try {
    await runUntilAsked(config, logger, environment);
  } catch (error) {
    logger.error({ err: toError(error) }, 'process crashed');
    process.exit(1);
  }
  process.exit(0);
}

function readConfigOrExit(environment: Environment): OperatorConfig {
  try {
    return readOperatorConfig(environment, readVersion());
  } catch (error) {
    if (!(error instanceof OperatorConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(2);
  }
}

async function runUntilAsked(
  config: OperatorConfig,
  logger: Logger,
  environment: Environment,
): Promise<void> {
  const ending = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => ending.abort(new Error(`${name} was sent`)));
  }
  const clock = createSystemClock();
  const random = createSystemRandom();
  const { podName, version } = config;
  const controllerMetrics = createControllerMetrics();
  const metrics = withControllers(createMetrics({ box: '', process: 'operator', version }), () =>
    controllerMetrics.render(),
  );
  const { serviceAccountFolder } = config;
  const access = await loadKubeAccess({ pod: { environment, serviceAccountFolder } });
  const transport = connectToCluster(access, clock);
  await using client = createRestClient({ transport, clock, random, metrics: controllerMetrics });
  const manager = composeOperator({
    config,
    client,
    clock,
    random,
    logger,
    metrics,
    controllerMetrics,
    identity: makeIdentity(podName),
    onLeaseLost: () => {
      // Another one may act already: nothing may be written any more, not even by what is under way.
      logger.error({}, 'the lease is lost');
      process.exit(1);
    },
  });
  await using health = await startHealth(config, { manager, metrics, clock });
  const listening = { kind: 'listening', process: 'operator', port: health.port };
  process.stdout.write(`${JSON.stringify(listening)}\n`);
  logger.info({ port: health.port, version }, 'operator started');
  await manager.run(ending.signal);
  logger.info({}, 'operator ended');
}

function startHealth(
  { health, version, podName }: OperatorConfig,
  parts: {
    readonly manager: Manager;
    readonly metrics: Metrics;
    readonly clock: ReturnType<typeof createSystemClock>;
  },
) {
  const { manager, metrics, clock } = parts;
  return startHealthServer({
    ...health,
    identity: { process: 'operator', box: podName, version },
    metrics,
    clock,
    // A loop that stalls does not answer at all, which is what the probe's time limit is for.
    isLive: () => true,
    readiness: () => {
      const isReady = manager.isReady();
      const reasons = isReady ? [] : (['ProcessStarting'] as const);
      const details = { isLeading: manager.epoch() !== undefined };
      return { isReady, isDraining: false, isDrained: false, reasons, details };
    },
    drain: () => Promise.resolve(),
  });
}

/** One page with both: those of fleets, and those that every controller of Kubernetes has. */
function withControllers(metrics: Metrics, render: Metrics['render']): Metrics {
  return {
    ...metrics,
    render: async () => {
      const [own, controllers] = [await metrics.render(), await render()];
      return { contentType: own.contentType, text: `${own.text}\n${controllers.text}` };
    },
  };
}
