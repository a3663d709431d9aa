import { expect, test } from 'vitest';
import { isConflict, isNotFound, type KubeObject } from '#operator/runtime';
import { createSimulatedKube } from './index.ts';

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  isNamespaced: true,
};
const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  isNamespaced: true,
};
const NAME = { namespace: 'fleet', name: 'eos' };

const EOS = { apiVersion: 'apps/v1', kind: 'Deployment', ...NAME };

const createKube = () => createSimulatedKube({ kinds: [DEPLOYMENT, CONFIG_MAP] });

function deployment(spec: unknown, metadata: object = {}): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...NAME, ...metadata }, spec };
}

test('what is applied no more goes away, and what another manager set stays', async () => {
  const { client } = createKube();
  await client.apply(deployment({ replicas: 1, template: { env: [{ name: 'A', value: '1' }] } }), {
    fieldManager: 'ours',
  });
  await client.mergePatch(EOS, {
    spec: { paused: true },
    metadata: { labels: { a: 'b' } },
  });
  const now = await client.apply(deployment({ template: { env: [{ name: 'B', value: '2' }] } }), {
    fieldManager: 'ours',
  });
  expect(now['spec']).toEqual({ paused: true, template: { env: [{ name: 'B', value: '2' }] } });
  expect(now.metadata.labels).toEqual({ a: 'b' });
  expect(now.metadata.generation).toBe(3);
});

test('a field of another manager is a conflict, and taken by force', async () => {
  const { client } = createKube();
  await client.apply(deployment({ replicas: 1 }), { fieldManager: 'ours' });
  await client.mergePatch(EOS, { spec: { replicas: 5 } }, { subresource: 'scale' });
  const applied = client.apply(deployment({ replicas: 2 }), {
    fieldManager: 'ours',
    isForced: false,
  });
  await expect(applied).rejects.toSatisfy(isConflict);
  const now = await client.apply(deployment({ replicas: 2 }), { fieldManager: 'ours' });
  expect(now['spec']).toEqual({ replicas: 2 });
});

test('applying the same again changes no version, and a status changes no generation', async () => {
  const { client } = createKube();
  const first = await client.apply(deployment({ replicas: 1 }), { fieldManager: 'ours' });
  const again = await client.apply(deployment({ replicas: 1 }), { fieldManager: 'ours' });
  expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  const status = { ...deployment(undefined), status: { ready: 1 } };
  const told = await client.apply(status, { fieldManager: 'status', subresource: 'status' });
  expect(told.metadata.generation).toBe(1);
  expect(told).toMatchObject({ spec: { replicas: 1 }, status: { ready: 1 } });
});

test('a finalizer holds an object, and what it owns goes when it goes', async () => {
  const { client } = createKube();
  const owner = await client.create(deployment({}, { finalizers: ['a/b'] }));
  await client.apply(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace: 'fleet',
        name: 'child',
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'eos', uid: owner.metadata.uid ?? '' },
        ],
      },
      data: { a: '1' },
    },
    { fieldManager: 'ours' },
  );
  expect(await client.delete(EOS)).toBe(true);
  const held = await client.find(DEPLOYMENT, NAME);
  expect(held?.metadata.deletionTimestamp).toMatch(/^2026-/);
  expect(await client.list(CONFIG_MAP)).toHaveLength(1);
  await client.mergePatch(EOS, { metadata: { finalizers: null } });
  expect(await client.list(CONFIG_MAP)).toEqual([]);
  expect(await client.delete(EOS)).toBe(false);
  await expect(client.mergePatch(EOS, {})).rejects.toSatisfy(isNotFound);
});

test('an old resourceVersion is a conflict', async () => {
  const { client } = createKube();
  const first = await client.create(deployment({ replicas: 1 }));
  await client.replace({ ...first, spec: { replicas: 2 } });
  await expect(client.replace({ ...first, spec: { replicas: 3 } })).rejects.toSatisfy(isConflict);
});
