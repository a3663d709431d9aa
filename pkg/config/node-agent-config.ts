import { ConfigError } from './config-error.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { CLUSTER_DEFAULTS } from './process-config.ts';

/** What the agent of a node is told; everything else stands in the node's object. */
export interface NodeAgentConfig {
  readonly nodeName: string;
  readonly version: string;
  readonly health: { readonly host: string; readonly port: number };
  readonly logLevel: string;
}

const PORT_MAX = 65_535;

/** Reads KRAITE_NODE_NAME and where to listen (the loopback unless told: the agent is on the host's network). Throws {@link ConfigError}. */
export function readNodeAgentConfig(environment: Environment): NodeAgentConfig {
  const { needed, optional, integer, mistakes } = readEnvironment(environment);
  const config: NodeAgentConfig = {
    nodeName: needed('NODE_NAME'),
    version: optional('VERSION') ?? '0.0.0',
    health: {
      host: optional('HEALTH_HOST') ?? '127.0.0.1',
      port: integer('HEALTH_PORT', { preset: CLUSTER_DEFAULTS.healthPort, max: PORT_MAX }),
    },
    logLevel: optional('LOG_LEVEL') ?? 'info',
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}
