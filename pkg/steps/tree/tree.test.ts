import { describe, expect, test } from 'vitest';

import { CRASHES_MAX, recover, wake } from './changes.ts';
import { finish } from './finish.ts';
import { plan, TestTree } from './tree-testing.ts';

describe('a sequence', () => {
  test('only the first index is ready after admission', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 2)]);
    const effect = tree.admit();
    expect(tree.states()).toEqual({ a: 'ready', b: 'waiting' });
    expect(effect.ready.map((step) => step.name)).toEqual(['a']);
    expect(tree.tree.workflow.state).toBe('running');
  });

  test('admission twice changes nothing', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    expect(tree.admit().ready).toEqual([]);
  });

  test('each end makes the next index ready, and the last one ends the workflow', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 2)]);
    tree.admit();
    const effect = tree.end('a', { kind: 'completed', response: '{"x":1}' });
    expect(effect.ready.map((step) => step.name)).toEqual(['b']);
    expect(tree.named('a').response).toBe('{"x":1}');
    expect(tree.named('b').predecessorEndedAtMs).toBe(tree.named('a').finishedAtMs);
    expect(tree.end('b', { kind: 'completed', response: 'null' }).endedAs).toBe('completed');
  });

  test('a skipped step lets the next index go', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 2)]);
    tree.admit();
    tree.end('a', { kind: 'skipped', reason: 'PositionNotOpen' });
    expect(tree.states()).toEqual({ a: 'skipped', b: 'ready' });
  });

  test('a stop ends the workflow quietly', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 2)]);
    tree.admit();
    tree.end('a', { kind: 'stopped', reason: 'NoCandidate' });
    expect(tree.states()).toEqual({ a: 'stopped', b: 'canceled' });
    expect(tree.tree.workflow).toMatchObject({ state: 'stopped', reason: 'NoCandidate' });
  });

  test('the worker that ends a step may go on with the next one', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 2)]);
    tree.admit();
    const step = tree.claim(tree.named('a').id);
    const effect = tree.apply(
      finish(
        tree.tree,
        step.id,
        { kind: 'completed', response: 'null' },
        { nowMs: 5, startedAtMs: 4.5, endedAtMs: 5.5 },
        { claim: { workerId: 'worker', accepts: () => true } },
      ),
    );
    expect(effect.ready).toEqual([]);
    expect(effect.claimed).toMatchObject({ name: 'b', state: 'running', epoch: 1 });
    expect(effect.tree.steps.find((row) => row.name === 'a')?.state).toBe('completed');
  });
});

describe('parallel steps', () => {
  test('all of one index are ready together, and the next waits for all of them', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 1), plan('c', 2)]);
    tree.admit();
    tree.complete('a');
    expect(tree.states()).toEqual({ a: 'completed', b: 'ready', c: 'waiting' });
    tree.complete('b');
    expect(tree.states()['c']).toBe('ready');
  });

  test('a failure lets its siblings end, and nothing after them begins', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 1), plan('c', 2)]);
    tree.admit();
    tree.fail('a');
    expect(tree.states()).toEqual({ a: 'failed', b: 'ready', c: 'canceled' });
    expect(tree.tree.workflow.state).toBe('running');
    tree.complete('b');
    expect(tree.tree.workflow.state).toBe('failed');
  });
});

describe('a child block', () => {
  test('the parent completes when its children have, and its successor follows', () => {
    const tree = new TestTree([plan('p', 1), plan('z', 2)]);
    tree.admit();
    tree.expand('p', [plan('a', 1), plan('b', 2)]);
    expect(tree.states()).toEqual({ p: 'expanded', z: 'waiting', a: 'ready', b: 'waiting' });
    tree.complete('a', 'b');
    expect(tree.states()).toMatchObject({ p: 'completed', z: 'ready' });
  });

  test('a failing child fails its parent and the blocks above', () => {
    const tree = new TestTree([plan('p', 1), plan('z', 2)]);
    tree.admit();
    tree.expand('p', [plan('q', 1)]);
    tree.expand('q', [plan('a', 1)]);
    tree.fail('a');
    expect(tree.states()).toEqual({ p: 'failed', q: 'failed', a: 'failed', z: 'canceled' });
    expect(tree.tree.workflow.state).toBe('failed');
  });

  test('a stopped child stops its parent', () => {
    const tree = new TestTree([plan('p', 1), plan('z', 2)]);
    tree.admit();
    tree.expand('p', [plan('a', 1)]);
    tree.end('a', { kind: 'stopped', reason: 'NoFreeSlot' });
    expect(tree.states()).toEqual({ p: 'stopped', a: 'stopped', z: 'canceled' });
    expect(tree.tree.workflow).toMatchObject({ state: 'stopped', reason: 'NoFreeSlot' });
  });
});

describe('compensation', () => {
  const steps = [
    plan('a', 1),
    plan('b', 2),
    plan('undo1', 1, 'compensation'),
    plan('undo2', 2, 'compensation'),
  ];

  test('is skipped when the block concludes', () => {
    const tree = new TestTree(steps);
    tree.admit();
    tree.complete('a', 'b');
    expect(tree.states()).toMatchObject({ undo1: 'skipped', undo2: 'skipped' });
    expect(tree.named('undo1').reason).toBe('CompensationNotNeeded');
    expect(tree.tree.workflow.state).toBe('completed');
  });

  test('runs in its own order when the block breaks, and the workflow says that it was rescued', () => {
    const tree = new TestTree(steps);
    tree.admit();
    tree.fail('a');
    expect(tree.states()).toEqual({ a: 'failed', b: 'canceled', undo1: 'ready', undo2: 'parked' });
    tree.complete('undo1');
    expect(tree.states()['undo2']).toBe('ready');
    tree.complete('undo2');
    expect(tree.tree.workflow.state).toBe('rescued');
  });

  test('runs after a stop too, which stays quiet', () => {
    const tree = new TestTree(steps);
    tree.admit();
    tree.end('a', { kind: 'stopped', reason: 'NoFreeSlot' });
    tree.complete('undo1', 'undo2');
    expect(tree.tree.workflow).toMatchObject({ state: 'stopped', reason: 'NoFreeSlot' });
  });

  test('that fails leaves the workflow failed', () => {
    const tree = new TestTree(steps);
    tree.admit();
    tree.fail('a');
    tree.fail('undo1');
    expect(tree.states()['undo2']).toBe('canceled');
    expect(tree.tree.workflow.state).toBe('failed');
  });

  test('waits until the steps beside the broken one have ended', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 1), plan('undo', 1, 'compensation')]);
    tree.admit();
    tree.fail('a');
    expect(tree.states()['undo']).toBe('parked');
    tree.complete('b');
    expect(tree.states()['undo']).toBe('ready');
  });

  test('below a parent rescues the workflow although the blocks above break', () => {
    const tree = new TestTree([plan('p', 1), plan('z', 2)]);
    tree.admit();
    tree.expand('p', [plan('a', 1), plan('undo', 1, 'compensation')]);
    tree.fail('a');
    tree.complete('undo');
    expect(tree.states()).toEqual({ p: 'failed', a: 'failed', undo: 'completed', z: 'canceled' });
    expect(tree.tree.workflow.state).toBe('rescued');
  });
});

describe('delays and retries', () => {
  test('a deferral costs no attempt and wakes when it is due', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    const effect = tree.end('a', { kind: 'deferred', untilMs: 5_000, reason: 'AwaitingFill' });
    expect(effect.wakeAtMs).toBe(5_000);
    expect(tree.named('a')).toMatchObject({ state: 'delayed', attempts: 0, deferrals: 1 });
    expect(tree.apply(wake(tree.tree, 4_999)).ready).toEqual([]);
    expect(tree.apply(wake(tree.tree, 5_000)).ready.map((step) => step.name)).toEqual(['a']);
    expect(tree.named('a').reason).toBeUndefined();
  });

  test('a deferral to the past waits a moment, so that it cannot spin', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    tree.end('a', { kind: 'deferred', untilMs: 0, reason: 'AwaitingFill' });
    expect(tree.named('a').runAfterMs).toBeGreaterThan(tree.nowMs);
  });

  test('failures are retried until the attempts are spent', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    const retry = { attemptsMax: 3, delayMs: 100 };
    for (const attempts of [1, 2]) {
      tree.end('a', { kind: 'failed', error: 'broken', retry });
      expect(tree.named('a')).toMatchObject({ state: 'delayed', attempts });
      tree.apply(wake(tree.tree, 9_999_999));
    }
    tree.end('a', { kind: 'failed', error: 'broken', retry });
    expect(tree.named('a')).toMatchObject({
      state: 'failed',
      attempts: 3,
      reason: 'AttemptsSpent',
      error: 'broken',
    });
  });

  test('a step that is handed back is ready again without an attempt or a crash', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    tree.end('a', { kind: 'handedBack' });
    expect(tree.named('a')).toMatchObject({ state: 'ready', attempts: 0, crashes: 0, epoch: 1 });
  });
});

describe('recovery', () => {
  test('a crash makes the step ready again and burns no attempt', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    const seen = tree.claim(tree.named('a').id);
    expect(tree.apply(recover(tree.tree, seen, 7)).ready).toHaveLength(1);
    expect(tree.named('a')).toMatchObject({ state: 'ready', crashes: 1, attempts: 0, epoch: 1 });
  });

  test('a step that has moved on since it was seen is left alone', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    const seen = tree.claim(tree.named('a').id, 'dead');
    tree.apply(recover(tree.tree, seen, 7));
    tree.claim(tree.named('a').id, 'living');
    expect(tree.apply(recover(tree.tree, seen, 8)).ready).toEqual([]);
    expect(tree.named('a')).toMatchObject({ state: 'running', workerId: 'living', epoch: 2 });
  });

  test('a deferral between crashes begins the count anew: a step that waits for days is not poisoned by restarts', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    for (let day = 1; day <= CRASHES_MAX * 2; day += 1) {
      tree.apply(recover(tree.tree, tree.claim(tree.named('a').id), day));
      tree.end('a', { kind: 'deferred', untilMs: day, reason: 'AwaitingFill' });
      expect(tree.named('a')).toMatchObject({ state: 'delayed', crashes: 0 });
      tree.apply(wake(tree.tree, 1_000 * day));
    }
  });

  test('a step that keeps killing its worker fails instead of being passed round', () => {
    const tree = new TestTree([plan('a', 1), plan('undo', 1, 'compensation')]);
    tree.admit();
    for (let crash = 1; crash <= CRASHES_MAX; crash += 1) {
      const seen = tree.claim(tree.named('a').id);
      tree.apply(recover(tree.tree, seen, 7));
    }
    expect(tree.named('a')).toMatchObject({ state: 'failed', reason: 'StepPoisoned' });
    expect(tree.states()['undo']).toBe('ready');
  });
});
