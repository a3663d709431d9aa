/** An operator of one kind in virtual time on the simulated API server, with everything that it asks of it on record. */
import { createManualClock, createSeededRandom, type ManualClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import {
  createManager,
  createRestClient,
  type ControllerOptions,
  type KubeObject,
  type KubeTransport,
  type Request,
  type ResourceKind,
} from '#operator/runtime';
import { createSimulatedKube, type FaultPlan, type SimulatedKube } from './index.ts';
import { LEASE } from './kinds.ts';
import { passTime } from './virtual-time.ts';

export const THING: ResourceKind = {
  apiVersion: 'test.example/v1',
  kind: 'Thing',
  plural: 'things',
  isNamespaced: true,
};
export const POLICY: ResourceKind = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  isNamespaced: true,
};
export const THING_TYPE = { apiVersion: THING.apiVersion, kind: THING.kind } as const;

export interface Bench {
  readonly clock: ManualClock;
  readonly kube: SimulatedKube;
  /** Paths of watches and lists of things that were asked for, without their host. */
  readonly watches: URLSearchParams[];
  readonly lists: URLSearchParams[];
  readonly seen: Request[];
  /** While muted, nothing of the watches of things arrives, and nothing says so. */
  readonly mute: { isMuted: boolean };
  readonly manager: ReturnType<typeof createManager>;
  readonly ran: Promise<void>;
  stop(): Promise<void>;
  put(name: string, spec?: unknown): Promise<KubeObject>;
}

export function startBench(
  options: {
    readonly faults?: FaultPlan;
    readonly controller?: Partial<ControllerOptions>;
    readonly things?: number;
  } = {},
): Bench {
  const clock = createManualClock();
  const kube = createSimulatedKube({ clock, kinds: [THING, POLICY, LEASE] });
  if (options.faults !== undefined) kube.server.faults = options.faults;
  const watches: URLSearchParams[] = [];
  const lists: URLSearchParams[] = [];
  const mute = { isMuted: false };
  const client = createRestClient({
    transport: recordThings(kube.server.connect('operator'), { watches, lists, mute }),
    clock,
    random: createSeededRandom('client'),
    kinds: [THING, LEASE],
  });
  const manager = createManager({
    name: 'test-operator',
    namespace: 'n',
    identity: 'one',
    client,
    clock,
    random: createSeededRandom('manager'),
    logger: createSilentLogger(),
    onLeaseLost: () => undefined,
  });
  const seen: Request[] = [];
  manager.add({
    name: 'thing',
    watched: THING,
    reconciler: {
      reconcile: async (request) => {
        seen.push(request);
        return { kind: 'settled' };
      },
    },
    ...options.controller,
  });
  const abort = new AbortController();
  const ran = manager.run(abort.signal);
  return {
    clock,
    kube,
    watches,
    lists,
    seen,
    mute,
    manager,
    ran,
    stop: async () => {
      abort.abort(new Error('the test stops'));
      await passTime(clock, 0);
      await ran;
    },
    put: (name, spec) =>
      kube.client.apply(
        { ...THING_TYPE, metadata: { namespace: 'n', name }, spec: spec ?? { at: clock.nowMs() } },
        { fieldManager: 'person' },
      ),
  };
}

function recordThings(
  transport: KubeTransport,
  { watches, lists, mute }: Pick<Bench, 'watches' | 'lists' | 'mute'>,
): KubeTransport {
  const findQuery = (path: string): URLSearchParams | undefined => {
    const url = new URL(path, 'http://simulated');
    return url.pathname.endsWith('/things') ? url.searchParams : undefined;
  };
  return {
    host: transport.host,
    request: (request) => {
      const query = findQuery(request.path);
      if (request.method === 'GET' && query !== undefined) lists.push(query);
      return transport.request(request);
    },
    stream: async (request) => {
      const query = findQuery(request.path);
      if (query === undefined) return transport.stream(request);
      watches.push(query);
      const stream = await transport.stream(request);
      return { ...stream, chunks: skipMuted(stream.chunks, mute) };
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

async function* skipMuted(chunks: AsyncIterable<string>, mute: Bench['mute']) {
  for await (const chunk of chunks) if (!mute.isMuted) yield chunk;
}

/** Fails the first `times` requests that `matches`, from the moment `arm` is called. */
export function failing(
  matches: (request: Parameters<FaultPlan>[0]) => boolean,
  fault: NonNullable<ReturnType<FaultPlan>>,
  times: number,
): { readonly faults: FaultPlan; arm(): void } {
  let left = 0;
  return {
    faults: (request) => {
      if (left === 0 || !matches(request)) return undefined;
      left -= 1;
      return fault;
    },
    arm: () => {
      left = times;
    },
  };
}
