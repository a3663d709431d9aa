import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { applyOwned, carries, hashOf } from './apply-owned.ts';
import type { KubeObject } from './kube-object.ts';

const json = fc.jsonValue({ maxDepth: 4 });

describe('carries', () => {
  test('whatever was applied carries itself, with more fields beside it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.string(), (desired, extra) => {
        expect(carries(desired, desired)).toBe(true);
        if (!(extra in desired)) expect(carries({ ...desired, [extra]: 1 }, desired)).toBe(true);
      }),
    );
  });

  test.each([
    ['a default that the server put in', { a: 1, b: { c: 2 } }, { a: 1 }, true],
    ['a field that somebody changed', { a: 2 }, { a: 1 }, false],
    ['a field that somebody took away', {}, { a: 1 }, false],
    ['an empty map that the server left out', {}, { a: {}, b: [] }, true],
    ['an empty text that the server left out', {}, { a: '' }, true],
    ['a false that the server left out', {}, { a: false }, false],
    ['an element added at the end', { a: ['x', 'y'] }, { a: ['x'] }, false],
    ['elements in another order', { a: ['y', 'x'] }, { a: ['x', 'y'] }, false],
    [
      'a sidecar beside our container',
      { a: [{ name: 'mesh' }, { name: 'us', image: 'i', tty: false }] },
      { a: [{ name: 'us', image: 'i' }] },
      true,
    ],
    [
      'our container with another image',
      { a: [{ name: 'us', image: 'other' }] },
      { a: [{ name: 'us', image: 'i' }] },
      false,
    ],
    [
      'quantities in their shortest form',
      { limits: { cpu: '1', memory: '1Gi' } },
      { limits: { cpu: '1000m', memory: '1024Mi' } },
      true,
    ],
    ['another quantity', { requests: { cpu: '1' } }, { requests: { cpu: '100m' } }, false],
    ['text that only looks like a quantity', { data: { a: '1k' } }, { data: { a: '1000' } }, false],
    ['a number where text is wanted', { data: { a: 1 } }, { data: { a: '1' } }, false],
  ])('%s', (_, live, desired, isCarried) => {
    expect(carries(live, desired)).toBe(isCarried);
  });
});

test('a hash knows no order of fields, and every other difference', () => {
  expect(hashOf({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    hashOf({ b: { d: null, c: [1, 2] }, a: 1 }),
  );
  expect(hashOf({ a: [1, 2] })).not.toBe(hashOf({ a: [2, 1] }));
  expect(hashOf({ a: '1' })).not.toBe(hashOf({ a: 1 }));
});

const MANIFEST: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'n', name: 'one', labels: { app: 'a' } },
  data: { a: '1' },
};

async function apply(desired: KubeObject, live: KubeObject | undefined) {
  const applied: KubeObject[] = [];
  const client = {
    apply: async (object: KubeObject) => {
      applied.push(object);
      return object;
    },
  };
  const options = { client, fieldManager: 'm', hashAnnotation: 'test.example/hash' };
  const hasWritten = await applyOwned(desired, live, options);
  expect(applied).toHaveLength(Number(hasWritten));
  return applied[0] ?? live;
}

test('the same again is not written; a change, a drift and a field that is wanted no more are', async () => {
  const first = await apply(MANIFEST, undefined);
  expect(first?.metadata.annotations).toEqual({ 'test.example/hash': hashOf(MANIFEST) });
  expect(await apply(MANIFEST, first)).toBe(first);
  const drifted = { ...first, data: { a: '2' } } as KubeObject;
  expect(await apply(MANIFEST, drifted)).toEqual(first);
  const fewer = { ...MANIFEST, data: {} };
  expect(await apply(fewer, first)).toMatchObject({ data: {} });
});
