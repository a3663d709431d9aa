import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { createStage } from '../../../tests/harness/cli-stage.ts';
import { runKraite } from '../run.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const FLEET = join(ROOT, 'k8s/samples/fleet.yaml');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kraite-k3s-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('it prints config.yaml of one box', async () => {
  const { context, written } = createStage();
  expect(await runKraite(['k3s-config', '-f', FLEET, '--box', 'eos'], context)).toBe(0);
  expect(written.stdout).toBe(readFileSync(join(ROOT, 'k8s/k3s/eos/config.yaml'), 'utf8'));
});

test('it writes the files of every box below a folder', async () => {
  const { context, written } = createStage({ workingDirectory: folder });
  expect(await runKraite(['k3s-config', '-f', FLEET, '--folder', 'boxes'], context)).toBe(0);
  expect(readdirSync(join(folder, 'boxes'))).toHaveLength(7);
  const config = readFileSync(join(folder, 'boxes/eos/etc/rancher/k3s/config.yaml'), 'utf8');
  expect(config).toContain('node-name: eos');
  expect(written.stdout.trim().split('\n')).toHaveLength(7 * 6);
});

test('a box that is not in the object is an error that lists those that are', async () => {
  const { context, written } = createStage();
  expect(await runKraite(['k3s-config', '-f', FLEET, '--box', 'eso'], context)).toBe(1);
  expect(written.stderr).toContain('the fleet has no box eso; boxes are hyperion, athena');
});

test('it wants a box or a folder', async () => {
  const { context, written } = createStage();
  expect(await runKraite(['k3s-config', '-f', FLEET], context)).toBe(2);
  expect(written.stderr).toContain('name a box with --box');
});

test('it prints the plans of an upgrade, and takes only what is a release of k3s', async () => {
  const { context, written } = createStage();
  const verb = ['k3s-config', '-f', FLEET, '--upgrade'];
  expect(await runKraite([...verb, 'v1.36.3+k3s1'], context)).toBe(0);
  expect(written.stdout).toBe(readFileSync(join(ROOT, 'k8s/upgrade/plans.yaml'), 'utf8'));
  expect(await runKraite([...verb, 'latest'], context)).toBe(2);
  expect(written.stderr).toContain('write it like v1.36.3+k3s1');
});
