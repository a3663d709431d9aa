import { parseInstant } from '#pkg/base';
import type { Metrics } from '#pkg/observability';
import { FLEET_CONDITIONS, type FleetObject, type FleetStatus } from '#operator/api';
import type { Request } from '#operator/runtime';

/** Shows the state of every fleet as metrics. */
export interface FleetGauges {
  show(request: Request, fleet: FleetObject, status: FleetStatus): void;
  forget(request: Request): void;
}

interface Shown {
  readonly namespace: string;
  readonly fleet: string;
  readonly status: FleetStatus;
}

export function createFleetGauges(metrics: Metrics): FleetGauges {
  const shown = new Map<string, Shown>();
  metrics.onScrape(() => render(metrics, [...shown.values()]));
  const keyOf = ({ namespace, name }: Request) => `${namespace}/${name}`;
  return {
    show: (request, _fleet, status) => {
      shown.set(keyOf(request), { namespace: request.namespace, fleet: request.name, status });
    },
    forget: (request) => {
      shown.delete(keyOf(request));
    },
  };
}

function render(metrics: Metrics, fleets: readonly Shown[]): void {
  metrics.clear('kraite_fleet_condition');
  metrics.clear('kraite_fleet_paused');
  metrics.clear('kraite_fleet_topology_drift');
  metrics.clear('kraite_fleet_boxes_ready');
  metrics.clear('kraite_drain_in_flight_steps');
  metrics.clear('kraite_update_started_timestamp_seconds');
  for (const { namespace, fleet, status } of fleets) {
    const labels = { namespace, fleet };
    const isTrue = (type: string): number =>
      status.conditions?.some((each) => each.type === type && each.status === 'True') === true
        ? 1
        : 0;
    for (const condition of FLEET_CONDITIONS) {
      metrics.set('kraite_fleet_condition', { ...labels, condition }, isTrue(condition));
    }
    metrics.set('kraite_fleet_paused', labels, isTrue('Paused'));
    metrics.set('kraite_fleet_topology_drift', labels, 1 - isTrue('TopologyValid'));
    const boxes = status.boxes ?? [];
    metrics.set('kraite_fleet_boxes_ready', labels, boxes.filter(({ isReady }) => isReady).length);
    for (const { name, reason, lanes = [] } of boxes) {
      if (reason !== 'BoxDraining') continue;
      const busy = lanes.reduce((sum, lane) => sum + lane.busy, 0);
      metrics.set('kraite_drain_in_flight_steps', { ...labels, box_name: name }, busy);
    }
    const since = status.conditions?.find(({ type }) => type === 'UpdateInProgress');
    const sinceMs = since?.status === 'True' ? parseInstant(since.lastTransitionTime) : undefined;
    if (sinceMs !== undefined) {
      metrics.set('kraite_update_started_timestamp_seconds', labels, sinceMs / 1_000);
    }
  }
}
