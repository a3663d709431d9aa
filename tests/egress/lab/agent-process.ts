/** The agent of a box as a process of its own, to be killed. Argument: JSON with `tools` and `paths`. */
import { API_VERSION, KRAITE_NODE_EGRESS } from '#operator/api';
import {
  createNodeNetwork,
  runNodeAgent,
  type NodeAgentOptions,
  type NetworkTools,
} from '#operator/node-agent';
import { createSystemClock, required } from '#pkg/base';
import { createSimulatedKube } from '../../simulation/kube/index.ts';
import { NODE_NAME, SPEC } from './node-spec.ts';

const { tools, paths } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly tools: NetworkTools;
  readonly paths: NodeAgentOptions['paths'];
};
const { client } = createSimulatedKube({ kinds: [KRAITE_NODE_EGRESS], clock: createSystemClock() });
await client.apply(
  { apiVersion: API_VERSION, kind: 'KraiteNodeEgress', metadata: { name: NODE_NAME }, spec: SPEC },
  { fieldManager: 'operator' },
);
await runNodeAgent(
  {
    config: {
      nodeName: NODE_NAME,
      version: '1.0.0',
      health: { host: '127.0.0.1', port: 9464 },
      logLevel: 'silent',
    },
    client,
    network: createNodeNetwork(tools),
    paths: required(paths, 'the paths are in the argument'),
    lookEveryMs: 100,
  },
  new AbortController().signal,
);
