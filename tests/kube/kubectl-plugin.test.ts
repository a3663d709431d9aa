import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensurePrograms } from '#pkg/local';
import { run, type ToolResult } from './harness/run.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SAMPLE = join(ROOT, 'k8s/samples/fleet.yaml');

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-plugin-'));
  await symlink(join(ROOT, 'kubectl-kraite'), join(folder, 'kubectl-kraite'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function kubectl(...args: readonly string[]): Promise<ToolResult> {
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const programs = await ensurePrograms(['kubectl'], { environment: process.env, report });
  const path = [folder, process.env['PATH']].join(delimiter);
  const environment = { ...process.env, PATH: path };
  return run([programs.kubectl.command[0], ...args], { environment });
}

test('kubectl lists the plugin that a link in PATH leads to', async () => {
  const { stdout } = await kubectl('plugin', 'list');
  expect(stdout).toContain(join(folder, 'kubectl-kraite'));
});

test('kubectl kraite is kraite, and advises what was typed', async () => {
  // The sample is for this machine: a cluster needs the endpoints of its simulated venue written.
  const valid = await kubectl('kraite', 'validate', '-f', SAMPLE);
  expect(valid.status).toBe(1);
  expect(valid.stderr).toContain('spec.exchange.endpoints.rest: is empty; in a cluster');
  const wrong = await kubectl('kraite', 'upp');
  expect(wrong.status).not.toBe(0);
  expect(wrong.stderr).toContain('Did you mean up?');
  expect(wrong.stderr).toContain('kubectl kraite --help lists the verbs');
});

test.each(['kill-box', 'start-box'])('kubectl kraite %s is not offered', async (verb) => {
  const { stdout } = await kubectl('kraite', '--help');
  expect(stdout).not.toContain(verb);
  const { status, stderr } = await kubectl('kraite', verb, 'eos');
  expect(status).not.toBe(0);
  expect(stderr).toContain(`unknown command '${verb}'`);
});
