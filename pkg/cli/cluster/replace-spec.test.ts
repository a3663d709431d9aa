import { expect, test } from 'vitest';

import type { FleetObject, FleetStatus } from '#operator/api';
import { KubeApiError } from '#operator/runtime';
import { fleetOf, SAMPLE } from '../../../tests/harness/sample-fleet.ts';
import { replaceSpec } from './replace-spec.ts';

const { spec } = fleetOf(SAMPLE);
const earlier = { ...spec, version: '0.1.0' };

test('what the operator wrote meanwhile is kept, and the spec is written all the same', async () => {
  const server = apiServer();
  const fleet = server.read();
  server.write({ ...fleet, status: phase('Updating') });
  server.write({ ...server.read(), status: phase('Ready') });
  await replaceSpec(server.asWriter, { fleet, spec: earlier });
  expect(server.read()).toMatchObject({ spec: { version: '0.1.0' }, status: { phase: 'Ready' } });
});

test('a spec that somebody changed meanwhile is not overwritten', async () => {
  const server = apiServer();
  const fleet = server.read();
  server.write({ ...fleet, spec: { ...spec, version: '9.9.9' } });
  await expect(replaceSpec(server.asWriter, { fleet, spec: earlier })).rejects.toThrow(
    /somebody changed the spec of kraite meanwhile \(generation 1 became 2\)/,
  );
  expect(server.read().spec.version).toBe('9.9.9');
});

test('a refusal that is no conflict is told at once', async () => {
  const server = apiServer();
  const fleet = server.read();
  const refusal = new KubeApiError(422, { message: 'spec.version: wrong' }, { call: 'PUT fleet' });
  let asked = 0;
  const writer = {
    ...server.asWriter,
    replace: () => {
      asked += 1;
      return Promise.reject(refusal);
    },
  };
  await expect(replaceSpec(writer, { fleet, spec: earlier })).rejects.toBe(refusal);
  expect(asked).toBe(1);
});

/** One object under optimistic concurrency: a write names the version that it read. */
function apiServer() {
  let object = {
    ...fleetOf(SAMPLE),
    metadata: { name: 'kraite', uid: 'u1', generation: 1, resourceVersion: '1' },
  } as FleetObject;
  const write = (next: FleetObject): FleetObject => {
    const { metadata } = object;
    if (next.metadata.resourceVersion !== metadata.resourceVersion) {
      const body = { message: 'the object has been modified' };
      throw new KubeApiError(409, body, { call: 'PUT fleet' });
    }
    const isChanged = JSON.stringify(next.spec) !== JSON.stringify(object.spec);
    object = {
      ...next,
      metadata: {
        ...metadata,
        generation: (metadata.generation ?? 0) + (isChanged ? 1 : 0),
        resourceVersion: String(Number(metadata.resourceVersion) + 1),
      },
    };
    return object;
  };
  return {
    read: () => object,
    write,
    asWriter: {
      read: () => Promise.resolve(object),
      replace: async (next: unknown) => write(next as FleetObject),
    },
  };
}

function phase(name: FleetStatus['phase']): FleetStatus {
  return { phase: name } as FleetStatus;
}
