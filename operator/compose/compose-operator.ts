import type { Clock, Random } from '#pkg/base';
import type { ControllerMetrics, Logger, Metrics } from '#pkg/observability';
import {
  createFleetController,
  createFleetGauges,
  createNodeAgentController,
  createProcessReader,
  type AskProcess,
} from '#operator/reconcilers';
import {
  createManager,
  type LeaseDurations,
  type Manager,
  type WatchingKubeClient,
} from '#operator/runtime';
import { randomBytes } from 'node:crypto';
import { askPod } from './ask-process.ts';
import type { OperatorConfig } from './operator-config.ts';

export interface OperatorParts {
  readonly config: OperatorConfig;
  readonly client: WatchingKubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly controllerMetrics: ControllerMetrics;
  /** Unique among all processes that ever ran. */
  readonly identity: string;
  readonly onLeaseLost: () => void;
  readonly leaseDurations?: LeaseDurations;
  /** How pods are asked for their state; over their address by default. */
  readonly ask?: AskProcess;
}

const NAME = 'kraite-operator';

/** Returns the operator, ready to `run`; nothing is asked of the API server before. */
export function composeOperator(parts: OperatorParts): Manager {
  const { config, client, clock, random, logger, metrics, controllerMetrics } = parts;
  const { systemNamespace, monitoringNamespace, watchNamespaces } = config;
  const manager = createManager({
    name: NAME,
    namespace: systemNamespace,
    identity: parts.identity,
    client,
    clock,
    random,
    logger,
    metrics: controllerMetrics,
    onLeaseLost: parts.onLeaseLost,
    ...(watchNamespaces === undefined ? {} : { namespaces: watchNamespaces }),
    ...(parts.leaseDurations === undefined ? {} : { leaseDurations: parts.leaseDurations }),
  });
  manager.add(
    createFleetController({
      cache: manager.cache,
      client,
      recorder: manager.recorder,
      processes: createProcessReader(clock, parts.ask ?? askPod),
      clock,
      logger,
      gauges: createFleetGauges(metrics),
      settings: { clusterCIDR: config.clusterCIDR, echoEndpoints: config.echoEndpoints },
      randomBytes,
      namespaces: { systemNamespace, monitoringNamespace },
    }),
  );
  const agents = agentsOf(config);
  if (agents !== undefined) {
    manager.add(createNodeAgentController({ cache: manager.cache, client, agents }));
  }
  return manager;
}

function agentsOf({ nodeAgentImage, version, logLevel, systemNamespace }: OperatorConfig) {
  if (nodeAgentImage === undefined) return undefined;
  return { image: nodeAgentImage, version, logLevel, systemNamespace };
}
