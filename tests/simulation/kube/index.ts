/**
 * A Kubernetes API server in memory, for tests and simulations of operators.
 *
 * It speaks the API at the level of HTTP requests (`connect` gives a transport): resource versions, generations, the
 * status and scale subresources, server-side apply with field managers, finalizers, owners, label selectors, lists in
 * pages, watches with bookmarks and 410; and it fails as it is told, from a seed if wanted. It knows no schema, runs no
 * controllers (no pods come of a Deployment) and is no proof of anything that only a real API server can prove.
 */
import { createManualClock, createSeededRandom, type Clock, type Random } from '#pkg/base';
import { createRestClient, type WatchingKubeClient } from '#operator/runtime';
import { SimulatedApiServer, type ApiServerOptions } from './api-server.ts';

export { SimulatedApiServer, type SimulatedKind, type WriteRecord } from './api-server.ts';
export { createSeededFaults, type Fault, type FaultPlan, type FaultRates } from './faults.ts';

export interface SimulatedKube {
  readonly server: SimulatedApiServer;
  /** The client `test`. */
  readonly client: WatchingKubeClient;
  /** Returns another client of the same server, which `server.cutOff(name)` can take away. */
  connect(name: string): WatchingKubeClient;
}

/** Returns a simulated API server and a client of it; time stands still unless a clock is given. */
export function createSimulatedKube(
  options: Omit<ApiServerOptions, 'clock'> & { readonly clock?: Clock; readonly random?: Random },
): SimulatedKube {
  const clock = options.clock ?? createManualClock();
  const random = options.random ?? createSeededRandom('kube');
  const server = new SimulatedApiServer({ ...options, clock });
  const connect = (name: string): WatchingKubeClient =>
    createRestClient({ transport: server.connect(name), clock, random, kinds: options.kinds });
  return { server, client: connect('test'), connect };
}
