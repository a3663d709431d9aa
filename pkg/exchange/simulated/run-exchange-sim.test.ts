import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createVenueAdmin } from './admin/admin-client.ts';
import { runExchangeSim } from './run-exchange-sim.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exchange-sim-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program until it has said `until`, then ends it. */
async function run(
  args: readonly string[],
  until?: (text: string) => Promise<void>,
): Promise<{ readonly code: number; readonly text: string }> {
  const stop = new AbortController();
  let text = '';
  let asked: Promise<void> | undefined;
  const hear = (more: string): void => {
    text += more;
    if (!text.includes('ready')) return;
    asked ??= (until?.(text) ?? Promise.resolve()).finally(() => stop.abort());
  };
  const flags = ['--listen', '127.0.0.1:0', '--account', 'k:s:1000', ...args];
  const edges = { writeOut: hear, writeError: hear, signal: stop.signal };
  const code = await runExchangeSim(flags, edges);
  await asked;
  return { code, text };
}

function fileOf(text: string): string {
  const file = join(folder, 'faults.json');
  writeFileSync(file, text);
  return file;
}

test('--tls prints the certificate that clients have to trust', async () => {
  const { code, text } = await run(['--tls', 'exchange.local']);
  expect(code).toBe(0);
  expect(text).toMatch(/^ready: REST https:.* orders wss:.*\/ws-fapi\/v1 /);
  expect(text).toMatch(/-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\n/);
});

test.each([
  'bad..name',
  'a-.org',
  'a_b',
  '10.0.0.256',
  '1::2::3',
  'a,',
  'a b',
  `${'a'.repeat(64)}.org`,
])('--tls %s is refused by name, before anything starts', async (names) => {
  const { code, text } = await run(['--tls', names]);
  expect([code, text.includes('is neither a host name nor an address')]).toEqual([2, true]);
});

test('--faults orders what stands in a file from the start', async () => {
  const file = fileOf('{"latencyMs":7,"plan":{"seed":"1","loseReplies":0.5}}');
  const { code } = await run(['--faults', file, '-o', 'json'], async (text) => {
    const { admin } = JSON.parse(text) as { readonly admin: string };
    expect(await createVenueAdmin(admin).faults()).toMatchObject({
      latencyMs: 7,
      plan: { seed: '1', loseReplies: 0.5 },
    });
  });
  expect(code).toBe(0);
});

test.each([
  ['{', 'cannot be read as JSON'],
  ['{"latency":7}', 'the body has no field latency; known are clear'],
  ['{"delist":{}}', 'delist needs symbol'],
])('a file of faults with %s is refused: %s', async (content, words) => {
  const { code, text } = await run(['--faults', fileOf(content)]);
  expect([code, text.includes(words)]).toEqual([2, true]);
});

test('faults that name what is not listed end the start with a sentence', async () => {
  const { code, text } = await run(['--faults', fileOf('{"delist":{"symbol":"NOPE"}}')]);
  expect(code).toBe(1);
  expect(text).toBe('exchange-sim: the faults are not valid: NOPE is not listed\n');
});
