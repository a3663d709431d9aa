/** That this kubelet refuses what a real pod would not get over; without that the other tests would prove little. */
import { existsSync, readFileSync, readlinkSync, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { resolveEnvironment } from './environment.ts';
import type { EnvironmentVariable } from './pod-spec.ts';
import { publishFolder } from './publish.ts';

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kraite-kubelet-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function refusalOf(variable: EnvironmentVariable): Promise<string> {
  const folder = await emptyFolder();
  publishFolder(folder, { key: 'abc' });
  const mounts = [{ name: 'account-key', mountPath: '/etc/kraite/account-key', folder }];
  const container = { name: 'worker', command: ['node'], env: [variable] };
  try {
    resolveEnvironment(container, { objects: [], mounts, ports: new Map([[9464, 40_001]]) });
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
}

test.each([
  [{ name: 'KRAITE_HEALTHPORT', value: '9464' }, 'KRAITE_HEALTHPORT is read by no process'],
  [{ name: 'KRAITE_HEALTH_PORT', value: '9465' }, 'the container declares no port 9465'],
  [{ name: 'KRAITE_SECRET_KEY_FILE', value: '/etc/kraite/key' }, 'lies in no mount'],
  [{ name: 'KRAITE_SECRET_KEY_FILE', value: '/etc/kraite/account-key/kex' }, 'holds no'],
  [{ name: 'KRAITE_SECRET_KEY_FILE', value: '/etc/kraite/account-key/key' }, 'taken'],
  [
    { name: 'KRAITE_MYSQL_URL', valueFrom: { secretKeyRef: { name: 'kraite-core', key: 'url' } } },
    'no Secret kraite-core with the key url',
  ],
])('%o: %s', async (variable, says) => {
  expect(await refusalOf(variable)).toContain(says);
});

test('a published folder is swapped whole: one rename of ..data, and the folder before it is gone', async () => {
  const folder = await emptyFolder();
  publishFolder(folder, { 'tls.crt': 'one', 'tls.key': 'one' });
  const before = readlinkSync(join(folder, '..data'));
  const seen = new Set<string>();
  const watcher = watch(folder, (_kind, name) => seen.add(String(name)));
  onTestFinished(() => watcher.close());
  publishFolder(folder, { 'tls.crt': 'two' });
  expect(readFileSync(join(folder, 'tls.crt'), 'utf8')).toBe('two');
  expect(existsSync(join(folder, 'tls.key'))).toBe(false);
  expect(existsSync(join(folder, before))).toBe(false);
  await expect.poll(() => [...seen]).toContain('..data');
});
