import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeNetwork } from './node-network.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-network-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A conntrack that says `says` at its first two calls and has nothing to delete at the third. */
function conntrackThat(says: string, calls: string) {
  const script = `echo call >> ${calls}; [ $(wc -l < ${calls}) -gt 2 ] && says='0 flow entries have been deleted.' || says="${says}"; echo "$says" >&2; exit 1`;
  return createNodeNetwork({
    nft: ['false'],
    conntrack: ['sh', '-c', script],
    environment: process.env,
  });
}

test('a connection that ends by itself does not keep the others from being ended', async () => {
  const calls = join(folder, 'vanished');
  const says = "conntrack v1.4.7 (conntrack-tools): Operation failed: such conntrack doesn't exist";
  await conntrackThat(says, calls).forgetConnections('10.42.1.0/24');
  expect((await readFile(calls, 'utf8')).trim().split('\n')).toHaveLength(3);
});

test('what a tool refuses is said with its own words', async () => {
  const network = conntrackThat('Operation not permitted', join(folder, 'refused'));
  await expect(network.forgetConnections('10.42.1.0/24')).rejects.toThrow(
    'conntrack -D: Operation not permitted',
  );
  await expect(network.load('')).rejects.toThrow('nft -f');
  const missing = createNodeNetwork({ nft: ['/no/nft'], conntrack: ['/no/conntrack'] });
  await expect(missing.listTable('kraite_guard')).rejects.toThrow('/no/nft cannot be started');
});
