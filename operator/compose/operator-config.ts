import { FleetError } from '#pkg/base';
import { PORTS } from '#operator/api';

/** What the operator is told by its Deployment. */
export interface OperatorConfig {
  /** Unique among all that ever ran: name of its pod. */
  readonly podName: string;
  /** Where it runs: of its lease and of the node agents. */
  readonly systemNamespace: string;
  /** Namespaces with fleets; undefined is all of them. */
  readonly watchNamespaces: readonly string[] | undefined;
  readonly monitoringNamespace: string;
  /** Image of the node agents; undefined leaves them alone. */
  readonly nodeAgentImage: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly health: { readonly host: string; readonly port: number };
  readonly version: string;
  /** Network of all pods; k3s' own by default. */
  readonly clusterCIDR: string;
  /** URLs that answer with the address that they saw; node agents prove egress addresses by them. */
  readonly echoEndpoints: readonly string[];
  /** Of token, authority and namespace, where they are not at Kubernetes' own place. */
  readonly serviceAccountFolder: string | undefined;
}

/** The environment lacks something; the message names every mistake. */
export class OperatorConfigError extends FleetError<'OPERATOR_CONFIG_INVALID'> {
  constructor(mistakes: readonly string[]) {
    super('OPERATOR_CONFIG_INVALID', mistakes.join('\n'));
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['info', 'debug', 'warn', 'error'] as const;
/** What k3s gives its pods unless it is told otherwise. */
const K3S_CLUSTER_CIDR = '10.42.0.0/16';

/** Reads the configuration. Throws {@link OperatorConfigError} with all mistakes at once. */
export function readOperatorConfig(environment: Environment, version: string): OperatorConfig {
  const mistakes: string[] = [];
  const read = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value;
  };
  const need = (name: string): string => {
    const value = read(name);
    if (value === undefined) mistakes.push(`${name} is not set`);
    return value ?? '';
  };
  const list = (name: string): readonly string[] =>
    (read(name) ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  const namespaces = list('KRAITE_WATCH_NAMESPACES');
  const level = read('KRAITE_LOG_LEVEL') ?? 'info';
  const logLevel = LOG_LEVELS.find((each) => each === level);
  if (logLevel === undefined) {
    mistakes.push(`KRAITE_LOG_LEVEL: ${level} is none of ${LOG_LEVELS.join(', ')}`);
  }
  const echoEndpoints = list('KRAITE_ECHO_ENDPOINTS');
  for (const each of echoEndpoints) {
    if (!URL.canParse(each)) mistakes.push(`KRAITE_ECHO_ENDPOINTS: ${each} is not a URL`);
  }
  const config: OperatorConfig = {
    podName: need('POD_NAME'),
    systemNamespace: need('POD_NAMESPACE'),
    watchNamespaces: namespaces.length === 0 ? undefined : namespaces,
    monitoringNamespace: read('KRAITE_MONITORING_NAMESPACE') ?? 'monitoring',
    nodeAgentImage: read('KRAITE_NODE_AGENT_IMAGE'),
    logLevel: logLevel ?? 'info',
    health: {
      host: read('KRAITE_HEALTH_HOST') ?? '0.0.0.0',
      port: readPort(read('KRAITE_HEALTH_PORT'), mistakes),
    },
    version: read('KRAITE_VERSION') ?? version,
    clusterCIDR: read('KRAITE_CLUSTER_CIDR') ?? K3S_CLUSTER_CIDR,
    echoEndpoints,
    serviceAccountFolder: read('KRAITE_SERVICE_ACCOUNT_FOLDER'),
  };
  if (mistakes.length > 0) throw new OperatorConfigError(mistakes);
  return config;
}

function readPort(text: string | undefined, mistakes: string[]): number {
  if (text === undefined) return PORTS.health;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  mistakes.push(`KRAITE_HEALTH_PORT: ${text} is not a port`);
  return PORTS.health;
}
