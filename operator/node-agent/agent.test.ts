import { expect, test } from 'vitest';
import { createManualClock } from '#pkg/base';
import type { EgressProof } from '#pkg/egress';
import { createMetrics, createSilentLogger } from '#pkg/observability';
import { API_VERSION, type NodeEgressObject, type NodeEgressSpec } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { createAgent } from './agent.ts';
import { NetworkToolError } from './node-network.ts';

const SPEC: NodeEgressSpec = {
  fleet: 'kraite',
  fleetNamespace: 'kraite',
  box: 'eos',
  role: 'trading',
  nodeName: 'eos-1',
  podCIDR: '10.42.1.0/24',
  clusterCIDR: '10.42.0.0/16',
  egressIP: '203.0.113.13',
  echoEndpoints: ['http://echo-1/', 'http://echo-2/'],
};
const RIGHT = {
  isGuardRight: true,
  isEgressRight: true,
  hash: 'abc',
  drops: { WrongSource: 0, NoSourceNat: 0, Ipv6: 0 },
  changes: [],
};

/** A box in memory: what the agent did to it, in order, and a venue that sees what it is told to. */
function openBox() {
  const clock = createManualClock();
  const done: string[] = [];
  const proofs: EgressProof[] = [];
  const statuses: KubeObject[] = [];
  const box = {
    object: undefined as NodeEgressObject | undefined,
    spec: undefined as NodeEgressSpec | undefined,
    proof: undefined as EgressProof | undefined,
    seen: '203.0.113.13' as string | undefined,
    isRefusing: false,
    isDiskFull: false,
    setSpec: (change: Partial<NodeEgressSpec> = {}): void => {
      const generation = (box.object?.metadata.generation ?? 0) + 1;
      box.object = {
        apiVersion: API_VERSION,
        kind: 'KraiteNodeEgress',
        metadata: { name: 'eos-1', generation },
        spec: { ...SPEC, ...change },
      };
    },
  };
  const agent = createAgent({
    nodeName: 'eos-1',
    findOwn: () => box.object,
    client: {
      apply: async (object) => {
        statuses.push(object);
        if (box.object !== undefined) {
          box.object = {
            ...box.object,
            status: object['status'] as NonNullable<NodeEgressObject['status']>,
          };
        }
        return object;
      },
    },
    keeper: {
      keep: async ({ egressIP }) => {
        if (box.isRefusing) throw new NetworkToolError('nft -f', 'Operation not permitted');
        done.push(`keep ${egressIP}`);
        return RIGHT;
      },
      release: async () => void done.push('release'),
    },
    probes: {
      ask: async (endpoints) => {
        done.push('ask');
        const { seen } = box;
        return endpoints.map((endpoint) =>
          seen === undefined ? { endpoint, error: 'no answer' } : { endpoint, address: seen },
        );
      },
    },
    files: {
      readProof: async () => box.proof,
      writeProof: async (proof) => {
        if (JSON.stringify(box.proof) === JSON.stringify(proof)) return;
        box.proof = proof;
        proofs.push(proof);
        done.push(`tell ${proof.egressIP} ${proof.reason ?? 'proved'}`);
      },
      readSpec: async () => box.spec,
      writeSpec: async (spec) => {
        if (box.isDiskFull) throw new Error('ENOSPC');
        box.spec = spec;
      },
      writeBootRules: async () => {
        if (box.isDiskFull) throw new Error('ENOSPC');
      },
      removeAll: async () => void done.push('remove files'),
    },
    metrics: createMetrics({
      box: 'eos-1',
      process: 'node-agent',
      version: '1',
      isNodeIncluded: false,
    }),
    clock,
    logger: createSilentLogger(),
    verifyEveryMs: 60_000,
  });
  const look = async (): Promise<readonly string[]> => {
    done.length = 0;
    await agent.look();
    return [...done];
  };
  return { box, agent, clock, look, statuses };
}

test('a new address is in doubt on the whole box before its first packet leaves', async () => {
  const { box, look } = openBox();
  box.setSpec();
  expect(await look()).toEqual([
    'tell 203.0.113.13 EgressUnverified',
    'keep 203.0.113.13',
    'ask',
    'tell 203.0.113.13 proved',
  ]);
  box.setSpec({ egressIP: '203.0.113.14' });
  box.seen = '203.0.113.14';
  expect((await look()).slice(0, 2)).toEqual([
    'tell 203.0.113.14 EgressUnverified',
    'keep 203.0.113.14',
  ]);
});

test('an address that is proved is asked for once a minute, one in doubt at each look', async () => {
  const { box, clock, look } = openBox();
  box.setSpec();
  await look();
  clock.advance(10_000);
  expect(await look()).toEqual(['keep 203.0.113.13']);
  clock.advance(50_000);
  box.seen = '203.0.113.10';
  expect(await look()).toContain('tell 203.0.113.13 EgressIdentityMismatch');
  clock.advance(10_000);
  expect(await look()).toContain('ask');
});

test('an address that nobody answers for runs out, and its status says so', async () => {
  const { box, agent, clock, look, statuses } = openBox();
  box.setSpec();
  await look();
  box.seen = undefined;
  clock.advance(180_001);
  await look();
  expect(agent.doubt()).toBe('EgressUnconfirmed');
  expect(statuses.at(-1)).toMatchObject({
    status: {
      conditions: [{}, {}, { type: 'Verified', status: 'False', reason: 'EgressUnconfirmed' }],
    },
  });
});

test('what does not change is told again every five minutes only', async () => {
  const { box, clock, look, statuses } = openBox();
  box.setSpec();
  await look();
  const first = statuses.length;
  for (let minute = 0; minute < 9; minute += 1) {
    clock.advance(60_000);
    await look();
  }
  expect(statuses.length - first).toBe(1);
});

test('rules that the box refuses are told, and nothing is called proved on them', async () => {
  const { box, look, statuses } = openBox();
  box.isRefusing = true;
  box.setSpec();
  expect(await look()).toEqual(['tell 203.0.113.13 EgressUnverified']);
  const message = expect.stringContaining('Operation not permitted') as string;
  expect(statuses.at(-1)).toMatchObject({
    status: {
      conditions: [
        { type: 'RulesApplied', status: 'False', reason: 'RulesRefused', message },
        {},
        {},
      ],
    },
  });
});

test('a box that can write nothing down for its next start is kept and proved all the same', async () => {
  const { box, look } = openBox();
  box.isDiskFull = true;
  box.setSpec();
  expect(await look()).toContain('tell 203.0.113.13 proved');
});

test('the object of another node moves nothing', async () => {
  const { box, look, statuses } = openBox();
  box.setSpec({ nodeName: 'iris-1' });
  expect(await look()).toEqual([]);
  expect(statuses).toEqual([]);
});

test('without an object the last one counts; released, the rules go once', async () => {
  const { box, look } = openBox();
  box.spec = SPEC;
  expect(await look()).toContain('keep 203.0.113.13');
  box.setSpec({ isReleased: true });
  expect(await look()).toEqual(['release', 'remove files']);
  expect(await look()).toEqual([]);
});
