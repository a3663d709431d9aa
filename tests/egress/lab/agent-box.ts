import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  API_VERSION,
  KRAITE_NODE_EGRESS,
  type NodeEgressObject,
  type NodeEgressSpec,
} from '#operator/api';
import { runNodeAgent, type NodeAgentOptions } from '#operator/node-agent';
import { parseEgressProof, type EgressProof } from '#pkg/egress';
import { createSystemClock } from '#pkg/base';
import { createSimulatedKube, type SimulatedKube } from '../../simulation/kube/index.ts';
import { ADDRESSES } from './addresses.ts';
import { openLab, type Lab } from './lab.ts';
import { ECHO_PORTS, NODE_NAME, SPEC } from './node-spec.ts';

/** A box with its agent, its probe pod, three echo services outside, and an API server in memory. */
export interface AgentBox extends AsyncDisposable {
  readonly lab: Lab;
  readonly kube: SimulatedKube;
  /** Writes the spec as the operator does. */
  applySpec(change?: Partial<NodeEgressSpec>): Promise<void>;
  findObject(): Promise<NodeEgressObject | undefined>;
  /** `True EgressVerified` and the like. */
  readCondition(type: string): Promise<string>;
  readProof(): Promise<EgressProof | undefined>;
  readFile(name: 'egress.nft' | 'egress-spec.json' | 'egress.json'): Promise<string | undefined>;
  readMetrics(): Promise<string>;
  startAgent(): void;
  stopAgent(): Promise<void>;
}

export async function openAgentBox({ lookEveryMs = 200 } = {}): Promise<AgentBox> {
  const lab = await openLab();
  const folder = await mkdtemp(join(tmpdir(), 'kraite-egress-'));
  const kube = createSimulatedKube({ kinds: [KRAITE_NODE_EGRESS], clock: createSystemClock() });
  const port = await findFreePort();
  const options: NodeAgentOptions = {
    config: {
      nodeName: NODE_NAME,
      version: '1.0.0',
      health: { host: '127.0.0.1', port },
      logLevel: 'silent',
    },
    network: lab.network,
    paths: {
      egressFile: join(folder, 'egress.json'),
      bootRulesFile: join(folder, 'egress.nft'),
      bootSpecFile: join(folder, 'egress-spec.json'),
      probeSocket: join(folder, 'probe.sock'),
    },
    lookEveryMs,
    verifyEveryMs: 400,
  };
  let stop = new AbortController();
  let running: Promise<void> | undefined;
  const readBoxFile = (name: string): Promise<string | undefined> =>
    readFile(join(folder, name), 'utf8').catch(() => undefined);
  const box: AgentBox = {
    lab,
    kube,
    applySpec: async (change) => {
      const metadata = { name: NODE_NAME };
      const object = { apiVersion: API_VERSION, kind: 'KraiteNodeEgress', metadata };
      await kube.client.apply(
        { ...object, spec: { ...SPEC, ...change } },
        { fieldManager: 'operator' },
      );
    },
    findObject: async () =>
      (await kube.client.find(KRAITE_NODE_EGRESS, { name: NODE_NAME })) as
        | NodeEgressObject
        | undefined,
    readCondition: async (type) => {
      const { status } = (await box.findObject()) ?? {};
      const found = status?.conditions?.find((condition) => condition.type === type);
      return found === undefined ? 'none' : `${found.status} ${found.reason}`;
    },
    readProof: async () => parseEgressProof((await readBoxFile('egress.json')) ?? ''),
    readFile: readBoxFile,
    readMetrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    startAgent: () => {
      stop = new AbortController();
      running = runNodeAgent({ ...options, client: kube.connect('agent') }, stop.signal);
      // It is looked at when it is stopped.
      running.catch(() => undefined);
    },
    stopAgent: async () => {
      stop.abort();
      await running;
      running = undefined;
    },
    [Symbol.asyncDispose]: async () => {
      kube.server.reconnect('agent');
      await box.stopAgent();
      await lab[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const echo = lab.start('venue', `${HERE}/echo-process.ts`, ADDRESSES.venue, ...ECHO_PORTS);
  lab.start('pod', `${HERE}/probe-process.ts`, join(folder, 'probe.sock'));
  await Promise.all([firstOf(echo.lines), lab.startServer()]);
  return box;
}

const HERE = import.meta.dirname;

async function firstOf(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) return line;
  return undefined;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
