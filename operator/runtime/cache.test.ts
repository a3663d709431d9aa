import { expect, test } from 'vitest';

import { createCache, createKindStore, kindKey, type StoreChange } from './cache.ts';
import type { KubeObject, ResourceKind } from './kube-object.ts';

const KIND: ResourceKind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', isNamespaced: true };

function pod(namespace: string, name: string, version: number, more: object = {}): KubeObject {
  const metadata = { namespace, name, resourceVersion: String(version), ...more };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}

const ownedBy = (uid: string): object => ({
  ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: uid, uid }],
});

function createBench() {
  const store = createKindStore(KIND);
  const changes: string[] = [];
  const tell = ({ old, object }: StoreChange): void => {
    const versions = [old, object].map((each) => each?.metadata.resourceVersion ?? '-');
    changes.push(`${(object ?? old)?.metadata.name} ${versions.join('>')}`);
  };
  store.subscribe(tell);
  return { store, changes, cache: createCache(new Map([[kindKey(KIND), store]])) };
}

const names = (objects: Iterable<KubeObject>): readonly string[] =>
  [...objects].map(({ metadata }) => metadata.name);

test('objects are found by name, namespace, label and owner, and no more when they are gone', () => {
  const { store, cache } = createBench();
  store.put(pod('n', 'a', 1, { labels: { app: 'x' }, ...ownedBy('u-1') }));
  store.put(pod('n', 'b', 2));
  store.put(pod('m', 'a', 3, ownedBy('u-1')));
  expect(cache.find(KIND, { namespace: 'm', name: 'a' })?.metadata.resourceVersion).toBe('3');
  expect(cache.find(KIND, { namespace: 'm', name: 'b' })).toBeUndefined();
  expect(names(cache.list(KIND, { namespace: 'n' }))).toEqual(['a', 'b']);
  expect(names(cache.list(KIND, { labels: { app: 'x' } }))).toEqual(['a']);
  expect(cache.list(KIND)).toHaveLength(3);
  expect(cache.listOwned(KIND, 'u-1')).toHaveLength(2);
  store.put(pod('n', 'a', 4, ownedBy('u-2')));
  store.remove(pod('m', 'a', 3));
  expect(cache.listOwned(KIND, 'u-1')).toEqual([]);
  expect(names(cache.listOwned(KIND, 'u-2'))).toEqual(['a']);
  expect(cache.list(KIND, { namespace: 'm' })).toEqual([]);
});

test('a new list tells what is new, changed and gone, and nothing of what stayed', () => {
  const { store, changes } = createBench();
  for (const name of ['stays', 'changes', 'goes']) store.put(pod('n', name, 1));
  changes.length = 0;
  store.replaceAll([pod('n', 'stays', 1), pod('n', 'changes', 2), pod('n', 'comes', 3)]);
  expect(changes).toEqual(['goes 1>-', 'changes 1>2', 'comes ->3']);
});

test('a list of one namespace leaves the others alone, and each has its say on freshness', () => {
  const { store, cache } = createBench();
  expect(cache.isFresh(KIND)).toBe(false);
  store.put(pod('m', 'other', 1));
  store.setFresh(true, 'm');
  store.setFresh(false, 'n');
  expect(cache.isFresh(KIND)).toBe(false);
  store.replaceAll([], 'n');
  store.setFresh(true, 'n');
  expect([cache.isFresh(KIND), cache.list(KIND).length]).toEqual([true, 1]);
});

test('what is kept is frozen, and without what only the server needs', () => {
  const { store } = createBench();
  store.put(pod('n', 'a', 1, { managedFields: [{ manager: 'x' }], labels: { app: 'x' } }));
  const kept = store.find('n', 'a');
  expect(kept?.metadata).not.toHaveProperty('managedFields');
  expect(Object.isFrozen(kept?.metadata.labels)).toBe(true);
});

test('a kind that nobody watches is a mistake of whoever asks', () => {
  const { cache } = createBench();
  expect(() => cache.list({ ...KIND, kind: 'Node', plural: 'nodes' })).toThrow(
    'no controller watches Node: name it in owned or mapped',
  );
});
