import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { ADDRESSES, openLab } from './lab/index.ts';

test('an agent killed at work leaves address and guard behind, and the guard holds without the address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kraite-killed-'));
  await using lab = await openLab();
  await lab.startServer();
  const paths = {
    egressFile: join(folder, 'egress.json'),
    bootRulesFile: join(folder, 'egress.nft'),
    bootSpecFile: join(folder, 'egress-spec.json'),
    probeSocket: join(folder, 'probe.sock'),
  };
  const file = join(import.meta.dirname, 'lab/agent-process.ts');
  const agent = lab.start('node', file, JSON.stringify({ tools: lab.tools, paths }));
  await eventually(
    async () => {
      expect(await lab.network.listTable('kraite_egress')).toContain(ADDRESSES.egress);
    },
    { limitMs: 40_000, everyMs: 100 },
  );
  agent.child.kill('SIGKILL');
  await once(agent.child, 'exit');
  expect(Object.keys((await lab.talk(50)).seen)).toEqual([ADDRESSES.egress]);
  await lab.nft('node', 'delete table inet kraite_egress');
  expect((await lab.talk(1, { atOnce: 12 })).seen).toEqual({});
  expect(Object.keys(await lab.readCapture())).toEqual([ADDRESSES.egress]);
  // Nobody puts it right: the agent is dead.
  expect(await lab.network.listTable('kraite_egress')).toBeUndefined();
  await rm(folder, { recursive: true });
});
