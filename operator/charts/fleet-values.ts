import { Type, type TSchema } from 'typebox';
import { KraiteFleetSchema } from '#pkg/fleet-spec';
import { closed, GLOBAL, serviceMonitor, texts, toggle } from './switches.ts';

const { apiVersion, kind, spec } = KraiteFleetSchema.properties;

/** Values of `charts/kraite-fleet`: a KraiteFleet, and switches beside it. */
export const FLEET_VALUES: TSchema = Type.Object(
  {
    apiVersion: mayBeLeftOut(apiVersion),
    kind: mayBeLeftOut(kind),
    metadata: closed('Name and labels of the fleet.', {
      name: Type.String({
        description: 'Name of the fleet; the release’s when empty.',
        pattern: '^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$',
        default: '',
      }),
      namespace: Type.String({
        description: 'Empty, or the namespace that the release goes to.',
        default: '',
      }),
      labels: texts('Labels.'),
      annotations: texts('Annotations.'),
    }),
    spec,
    serviceMonitor: serviceMonitor('the processes of the fleet'),
    prometheusRule: closed('One PrometheusRule for each file of rules/.', {
      enabled: toggle('Whether they are made; in one release of a cluster only.'),
      labels: texts('What your Prometheus selects by.'),
    }),
    dashboards: closed('One ConfigMap for each file of dashboards/.', {
      enabled: toggle('Whether they are made; in one release of a cluster only.'),
      labels: texts('What the sidecar of your Grafana selects by.'),
      annotations: texts('What the sidecar of your Grafana reads, such as the folder.'),
    }),
    global: GLOBAL,
  },
  { description: 'A KraiteFleet, and switches beside it.', additionalProperties: false },
);

function mayBeLeftOut(schema: TSchema): TSchema {
  return { ...schema, default: null };
}
