import { createSystemRandom, type Clock } from '#pkg/base';
import { KRAITE_FLEET, KRAITE_WORKER_POOL, type FleetObject } from '#operator/api';
import { lastGoodName } from '#operator/reconcilers';
import { KINDS } from '#operator/resources';
import {
  connectToCluster,
  createRestClient,
  loadKubeAccess,
  type KubeClient,
  type KubeObject,
} from '#operator/runtime';
import type { CliContext } from '../context.ts';
import { ClusterError, explainClusterError, type AskedCluster } from './errors.ts';
import type { ClusterPlace } from './place.ts';
import { replaceSpec } from './replace-spec.ts';

/** A fleet in a cluster, as its API server tells of it. */
export interface ClusterFleet extends AsyncDisposable {
  readonly asked: AskedCluster;
  /** Throws {@link ClusterError} with what to do when it cannot be read. */
  read(): Promise<FleetObject>;
  /** Server-side apply; what another manager holds stays with it. Throws {@link ClusterError}. */
  apply(object: KubeObject): Promise<KubeObject>;
  /** What the operator kept of the fleet when it was Ready last. Throws {@link ClusterError}. */
  readLastGood(fleet: FleetObject): Promise<KubeObject | undefined>;
  /** Gives the fleet another spec, unless somebody changed the spec since it was read. Throws {@link ClusterError}. */
  replaceSpec(read: FleetObject, spec: FleetObject['spec']): Promise<KubeObject>;
}

const ANSWER_MS_MAX = 8_000;
const FIELD_MANAGER = 'kraite-cli';

/** Returns the way to the fleet that the place names. Throws when no kubeconfig names a cluster. */
export async function openClusterFleet(
  context: CliContext,
  place: ClusterPlace,
): Promise<ClusterFleet> {
  const { clock } = context;
  const access = await loadKubeAccess(place);
  const namespace = place.namespace ?? access.namespace;
  const asked = { context: access.context, server: access.server, namespace };
  const client = createRestClient({
    transport: connectToCluster(access, clock),
    clock,
    random: createSystemRandom(),
    kinds: [KRAITE_FLEET, KRAITE_WORKER_POOL],
  });
  const ask = async <T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await withinLimit(clock, context.interrupt.requested, call);
    } catch (error) {
      throw explainClusterError(error, asked);
    }
  };
  return {
    asked,
    read: () => ask((signal) => readFleet(client, { name: place.fleet, namespace, signal })),
    apply: (object) =>
      ask((signal) =>
        client.apply(object, { fieldManager: FIELD_MANAGER, isForced: false, signal }),
      ),
    readLastGood: (fleet) =>
      ask((signal) =>
        client.find(KINDS.ConfigMap, { namespace, name: lastGoodName(fleet) }, signal),
      ),
    replaceSpec: (fleet, spec) =>
      ask((signal) =>
        replaceSpec(
          {
            read: () => readFleet(client, { name: fleet.metadata.name, namespace, signal }),
            replace: (object) => client.replace(object, { signal }),
          },
          { fleet, spec },
        ),
      ),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function withinLimit<T>(
  clock: Clock,
  interrupted: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const cancel = clock.schedule(ANSWER_MS_MAX, () => {
    over.abort(new ClusterError(`the API server did not answer within ${ANSWER_MS_MAX / 1_000} s`));
  });
  try {
    return await call(AbortSignal.any([over.signal, interrupted]));
  } finally {
    cancel();
  }
}

interface Wanted {
  readonly name: string | undefined;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** Returns the named fleet, or the only one of the namespace. */
async function readFleet(
  client: KubeClient,
  { name, namespace, signal }: Wanted,
): Promise<FleetObject> {
  // A list, not a get: whoever may not know the name learns what there is.
  const fleets = await client.list(KRAITE_FLEET, { namespace, signal });
  const names = fleets.map(({ metadata }) => metadata.name);
  const found = name === undefined ? fleets : fleets.filter((each) => each.metadata.name === name);
  const [fleet] = found;
  if (fleet !== undefined && found.length === 1) return fleet as FleetObject;
  if (names.length === 0) {
    throw new ClusterError(
      `there is no KraiteFleet in namespace ${namespace}; name another with -n, or apply one with  kubectl apply -f`,
    );
  }
  throw new ClusterError(
    name === undefined
      ? `namespace ${namespace} has ${names.length} fleets: name one of ${names.join(', ')} with --fleet`
      : `namespace ${namespace} has no fleet ${name}; it has ${names.join(', ')}`,
  );
}
