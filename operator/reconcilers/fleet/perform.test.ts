import { describe, expect, it } from 'vitest';

import type { KubeObject } from '#operator/runtime';
import type { Operation } from './operations.ts';
import { createPerformer, type PerformOptions } from './perform.ts';

const budget: KubeObject = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { namespace: 'kraite', name: 'kraite-nyx-orders' },
};
const APPLY: readonly Operation[] = [{ kind: 'apply', object: budget }];
const unwanted = (): never => {
  throw new Error('nothing else is written here');
};

/** Counts what is applied, for an API server whose events come when the test says so. */
function startWorld() {
  const world = { applied: 0, seenVersion: undefined as string | undefined };
  const options = (nowMs: number): PerformOptions => ({
    client: {
      apply: (object) => {
        world.applied += 1;
        return Promise.resolve(object);
      },
      create: unwanted,
      mergePatch: unwanted,
      delete: unwanted,
    },
    nowMs,
    signal: new AbortController().signal,
    versionOf: () => world.seenVersion,
  });
  return { world, options };
}

describe('a performer', () => {
  it('does not repeat a write that the caches do not show yet, and says so', async () => {
    const { world, options } = startWorld();
    const performer = createPerformer();
    expect(await performer.perform(APPLY, options(0))).toMatchObject({ written: 1, unseen: 0 });
    expect(await performer.perform(APPLY, options(100))).toMatchObject({ written: 0, unseen: 1 });
    expect(world.applied).toBe(1);
  });

  it('repeats it when no event came for long', async () => {
    const { world, options } = startWorld();
    const performer = createPerformer();
    await performer.perform(APPLY, options(0));
    await performer.perform(APPLY, options(5_001));
    expect(world.applied).toBe(2);
  });

  it('puts an object back at once that is deleted twice in a row', async () => {
    const { world, options } = startWorld();
    const performer = createPerformer();
    await performer.perform(APPLY, options(0));
    world.seenVersion = '7';
    await performer.perform([], options(100));
    world.seenVersion = undefined;
    expect(await performer.perform(APPLY, options(200))).toMatchObject({ written: 1, unseen: 0 });
  });
});
