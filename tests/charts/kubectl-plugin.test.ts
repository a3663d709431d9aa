import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, runKubeTool } from './helm.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-plugin-'));
  await symlink(join(ROOT, 'kubectl-kraite'), join(folder, 'kubectl-kraite'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

function kubectl(...args: readonly string[]) {
  return runKubeTool('kubectl', args, { searchFirst: folder });
}

test('kubectl lists the plugin that a link in PATH leads to', async () => {
  const { stdout } = await kubectl('plugin', 'list');
  expect(stdout).toContain(join(folder, 'kubectl-kraite'));
});

test('kubectl kraite is kraite, and advises what was typed', async () => {
  const file = 'k8s/samples/fleet.yaml';
  expect(await kubectl('kraite', 'validate', '-f', file)).toMatchObject({ status: 0 });
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
