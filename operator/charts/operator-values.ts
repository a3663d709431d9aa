import { Type, type TSchema } from 'typebox';
import { closed, GLOBAL, serviceMonitor, texts } from './switches.ts';

/** Kubernetes checks what stands inside. */
const kubernetesObject = (description: string): TSchema =>
  Type.Unsafe({ type: 'object', description, default: {} });
const kubernetesList = (description: string): TSchema =>
  Type.Unsafe({ type: 'array', description, items: { type: 'object' }, default: [] });

const text = (description: string, options: { default: string; pattern?: string }): TSchema =>
  Type.String({ description, ...options });

const choice = (description: string, choices: readonly string[], preset: string): TSchema =>
  Type.Unsafe({ type: 'string', description, enum: [...choices], default: preset });

const namespaceName = (description: string, options: { readonly default?: string } = {}): TSchema =>
  Type.String({ description, pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', ...options });

/** Values of `charts/kraite-operator`. */
export const OPERATOR_VALUES: TSchema = Type.Object(
  {
    image: closed('The image that operator, node agents and tests run.', {
      repository: text('Registry and name.', { default: 'ghcr.io/kraite/kraite' }),
      tag: text('The chart’s appVersion when empty.', {
        default: '',
        pattern: '^[\\w][\\w.-]{0,127}$|^$',
      }),
      digest: text('Pins the image.', { default: '', pattern: '^(sha256:[a-f0-9]{64})?$' }),
      pullPolicy: choice(
        'When the image is fetched.',
        ['Always', 'IfNotPresent', 'Never'],
        'IfNotPresent',
      ),
    }),
    imagePullSecrets: kubernetesList('Secrets for a private registry.'),
    replicas: Type.Integer({
      description: 'One leads, the others stand by.',
      minimum: 1,
      maximum: 5,
      default: 2,
    }),
    watchNamespaces: Type.Unsafe({
      type: 'array',
      description: 'Namespaces whose fleets it runs; empty is all of them.',
      items: namespaceName('A namespace.'),
      default: [],
    }),
    monitoringNamespace: namespaceName('Where Prometheus runs.', { default: 'monitoring' }),
    clusterCIDR: text('Network of all pods.', {
      default: '10.42.0.0/16',
      pattern: '^[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}$',
    }),
    echoEndpoints: Type.Unsafe({
      type: 'array',
      description:
        'URLs that answer with the address they saw; node agents prove addresses by them.',
      items: { type: 'string', pattern: '^https?://.+' },
      default: [],
    }),
    logLevel: choice('How much it logs.', ['debug', 'info', 'warn', 'error'], 'info'),
    resources: kubernetesObject('Requests and limits of the operator’s container.'),
    tolerations: kubernetesList('Taints that it bears.'),
    nodeSelector: texts('Labels of the nodes that it may run on.'),
    priorityClassName: text('Its priority class.', { default: 'system-cluster-critical' }),
    serviceMonitor: serviceMonitor('the operator and its node agents'),
    global: GLOBAL,
  },
  { description: 'The operator of KraiteFleets.', additionalProperties: false },
);
