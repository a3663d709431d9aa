import { expect, test } from 'vitest';

import { mergeConditions } from './conditions.ts';
import type { KubeObject } from './kube-object.ts';
import { controllerOf, controllerReference, finalizerPatch, hasFinalizer } from './owners.ts';

const OWNER: KubeObject = {
  apiVersion: 'test.example/v1',
  kind: 'Owner',
  metadata: { namespace: 'n', name: 'o', uid: 'u-1', resourceVersion: '9', finalizers: ['a/b'] },
};

test('a reference makes an object known as controlled by its owner, and others as not', () => {
  const child = {
    ...OWNER,
    metadata: {
      name: 'child',
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: 'u-2' },
        controllerReference(OWNER),
      ],
    },
  };
  expect(controllerOf(child)).toMatchObject({ name: 'o', uid: 'u-1', blockOwnerDeletion: true });
  expect(controllerOf(OWNER)).toBeUndefined();
});

test('a finalizer comes and goes beside those of others, and only against the version that was read', () => {
  expect(hasFinalizer(OWNER, 'a/b')).toBe(true);
  expect(finalizerPatch(OWNER, 'a/b', true)).toBeUndefined();
  expect(finalizerPatch(OWNER, 'c/d', false)).toBeUndefined();
  expect(finalizerPatch(OWNER, 'c/d', true)).toEqual({
    metadata: { resourceVersion: '9', finalizers: ['a/b', 'c/d'] },
  });
  expect(finalizerPatch(OWNER, 'a/b', false)).toEqual({
    metadata: { resourceVersion: '9', finalizers: [] },
  });
});

test('the time of a condition changes only with its status', () => {
  const ready = { type: 'Ready', status: 'False', reason: 'Waiting', message: 'it waits' } as const;
  const first = mergeConditions([], [ready], Date.UTC(2026, 0, 1));
  const [waiting] = mergeConditions(first, [{ ...ready, reason: 'Other' }], Date.UTC(2026, 0, 2));
  expect(waiting).toMatchObject({ reason: 'Other', lastTransitionTime: '2026-01-01T00:00:00Z' });
  const [changed] = mergeConditions(first, [{ ...ready, status: 'True' }], Date.UTC(2026, 0, 2));
  expect(changed?.lastTransitionTime).toBe('2026-01-02T00:00:00Z');
});
