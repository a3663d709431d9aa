import { LABELS } from '#operator/api';
import { KINDS } from '#operator/resources';
import type { AskProcess } from '#operator/reconcilers';
import { parseWorkloadFile } from '#pkg/config';
import type { ProcessFacts } from '#pkg/observability';
import { FLEET_NAMESPACE, type FleetCluster } from './fleet-cluster.ts';

/**
 * Answers for the processes in the pods, which kwok does not run: each acts by what its ConfigMap says at once, and has
 * as many steps running as `busy` says of it.
 */
export function playProcesses(
  { client }: FleetCluster,
  busy: ReadonlyMap<string, number>,
): AskProcess {
  return async (pod) => {
    const { [LABELS.box]: box = '', [LABELS.lane]: lane } = pod.metadata.labels ?? {};
    if (lane === undefined) return undefined;
    const name = `${box}-${lane}`;
    const config = await client.find(KINDS.ConfigMap, {
      namespace: FLEET_NAMESPACE,
      name: `kraite-${name}`,
    });
    const data = config?.['data'] as Readonly<Record<string, string>> | undefined;
    const orders = parseWorkloadFile(data?.['workload.json'] ?? '');
    if (orders === undefined) return undefined;
    const running = busy.get(name) ?? 0;
    const { isDraining, generation, lanes } = orders;
    const facts: ProcessFacts = {
      process: name,
      box,
      version: '0',
      isReady: !isDraining,
      isDraining,
      isDrained: isDraining && running === 0,
      generation,
      lanes: [{ name: lane, slots: lanes[lane] ?? 0, busy: running }],
      backlog: [],
      reasons: [],
    };
    return JSON.stringify(facts);
  };
}
