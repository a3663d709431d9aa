import { createSystemClock, createSystemRandom, type Clock } from '#pkg/base';
import type { NodeAgentConfig } from '#pkg/config';
import { createLogger, createMetrics, startHealthServer, type Readiness } from '#pkg/observability';
import { EGRESS_TIMES, KRAITE_NODE_EGRESS, PATHS, type NodeEgressObject } from '#operator/api';
import {
  connectToCluster,
  createKindStore,
  createRestClient,
  loadKubeAccess,
  startReflector,
  type PodPlace,
  type WatchingKubeClient,
} from '#operator/runtime';
import { createAgent, type Agent } from './agent.ts';
import { createBoxFiles, type BoxPaths } from './box-files.ts';
import { createNodeNetwork, type NodeNetwork } from './node-network.ts';
import { listenForProbes } from '#operator/egress-probe';
import { createRuleKeeper } from './rule-keeper.ts';

export interface NodeAgentOptions {
  readonly config: NodeAgentConfig;
  /** Of the API server; the pod's own service account when absent. */
  readonly client?: WatchingKubeClient;
  /** Where that service account is found. */
  readonly pod?: PodPlace;
  /** This machine's when absent. */
  readonly network?: NodeNetwork;
  readonly paths?: BoxPaths & { readonly probeSocket: string };
  /** Time between two looks, and between two proofs of an address that is not in doubt. */
  readonly lookEveryMs?: number;
  readonly verifyEveryMs?: number;
}

/** The box is looked at this often; at once when its object or its rules change, or a probe connects. */
const LOOK_EVERY_MS = 10_000;
/** An agent whose looks take longer than this is stuck. */
const LOOK_MS_MAX = 120_000;

/** Runs the agent of one box until `signal` aborts. The rules stay as they are when it ends. */
export async function runNodeAgent(options: NodeAgentOptions, signal: AbortSignal): Promise<void> {
  const { config, paths = PATHS, lookEveryMs = LOOK_EVERY_MS } = options;
  const { nodeName, version } = config;
  const clock = createSystemClock();
  const random = createSystemRandom();
  const logger = createLogger('node-agent', { level: config.logLevel, fields: { node: nodeName } });
  const metrics = createMetrics({ box: nodeName, process: 'node-agent', version });
  await using client =
    options.client ??
    createRestClient({
      transport: connectToCluster(await loadKubeAccess({ pod: options.pod }), clock),
      clock,
      random,
      kinds: [KRAITE_NODE_EGRESS],
    });
  const network = options.network ?? createNodeNetwork({ nft: ['nft'], conntrack: ['conntrack'] });
  const store = createKindStore(KRAITE_NODE_EGRESS);
  const wake = createWake();
  store.subscribe(({ old, object }) => {
    // Our own status is no news.
    if ((object ?? old)?.metadata.name !== nodeName) return;
    if (old?.metadata.generation !== object?.metadata.generation) wake.now();
  });
  await using probes = await listenForProbes(paths.probeSocket, { clock, onConnect: wake.now });
  const agent = createAgent({
    nodeName,
    findOwn: () => store.find(undefined, nodeName) as NodeEgressObject | undefined,
    client,
    keeper: createRuleKeeper(network),
    probes,
    files: createBoxFiles(paths),
    metrics,
    clock,
    logger,
    verifyEveryMs: options.verifyEveryMs ?? EGRESS_TIMES.verifyEveryMs,
  });
  let lookedAtMs = clock.monotonicMs();
  await using _health = await startHealthServer({
    ...config.health,
    identity: { process: 'node-agent', box: nodeName, version },
    metrics,
    clock,
    isLive: () => clock.monotonicMs() - lookedAtMs < LOOK_MS_MAX,
    readiness: () => readinessOf(agent),
    drain: () => Promise.resolve(),
  });
  const watching = watchRules();
  const reflector = startReflector({ client, store, clock, random, logger }, signal);
  // A box that starts while the API server is away goes on by what it knew.
  await Promise.race([reflector.synced, clock.sleep(lookEveryMs, signal)]);
  while (!signal.aborted) {
    await agent.look();
    lookedAtMs = clock.monotonicMs();
    await wake.within(lookEveryMs, clock, signal);
  }
  await Promise.all([reflector.stopped, watching]);

  /** A look costs little, so a watch that the box ends is begun again after the pause of one look. */
  async function watchRules(): Promise<void> {
    while (!signal.aborted) {
      await network.watch(wake.now, signal);
      await clock.sleep(lookEveryMs, signal);
    }
  }
}

/** An address in doubt is told and makes no agent unready: a roll-out of agents must not wait for the venue's side. */
function readinessOf(agent: Agent): Readiness {
  const doubt = agent.doubt();
  return {
    isReady: true,
    isDraining: false,
    isDrained: false,
    reasons: doubt === undefined ? [] : [doubt],
  };
}

/** Ends a wait before its time. A call between two waits ends the next one at once. */
function createWake() {
  let isDue = false;
  let ring: () => void = () => undefined;
  return {
    now: (): void => {
      isDue = true;
      ring();
    },
    within: async (waitMs: number, clock: Clock, signal: AbortSignal): Promise<void> => {
      const over = new AbortController();
      ring = () => over.abort();
      if (!isDue) await clock.sleep(waitMs, AbortSignal.any([signal, over.signal]));
      isDue = false;
    },
  };
}
