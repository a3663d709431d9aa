import { describe, expect, test } from 'vitest';

import { cancelByHand, retryByHand, skipByHand, type HandDecision } from './by-hand.ts';
import { plan, TestTree } from './tree-testing.ts';

const HAND = { nowMs: 9, note: 'ann: the symbol is gone' };

function apply(tree: TestTree, decision: HandDecision): TestTree {
  if (decision.kind === 'refused') throw new Error(decision.problem);
  tree.apply(decision);
  return tree;
}

/** p expands into q and r with compensation, q into a and b; z follows p. */
function nested(): TestTree {
  const tree = new TestTree([plan('p', 1), plan('z', 2)]);
  tree.admit();
  tree.expand('p', [plan('q', 1), plan('r', 2), plan('undo', 1, 'compensation')]);
  tree.expand('q', [plan('a', 1), plan('b', 2)]);
  return tree;
}

describe('a step skipped by hand', () => {
  test('takes everything below with it, and its block goes on', () => {
    const tree = nested();
    apply(tree, skipByHand(tree.tree, tree.named('p').id, HAND));
    expect(tree.states()).toEqual({
      p: 'skipped',
      q: 'skipped',
      r: 'skipped',
      undo: 'skipped',
      a: 'skipped',
      b: 'skipped',
      z: 'ready',
    });
    expect(tree.named('a').reason).toBe('ParentSkipped');
    expect(tree.named('p')).toMatchObject({ reason: 'SkippedByHand', error: HAND.note });
  });

  test('is refused while it or something below it runs, and when it has ended', () => {
    const tree = nested();
    tree.claim(tree.named('a').id);
    expect(skipByHand(tree.tree, tree.named('p').id, HAND)).toEqual({
      kind: 'refused',
      problem: 'a runs now; wait until its run has ended',
    });
    tree.complete('a');
    expect(skipByHand(tree.tree, tree.named('a').id, HAND)).toMatchObject({
      problem: 'the step has ended: completed',
    });
  });
});

describe('canceling by hand', () => {
  test('of a step breaks its block: what follows is canceled, compensation runs', () => {
    const tree = nested();
    apply(tree, cancelByHand(tree.tree, tree.named('q').id, HAND));
    expect(tree.states()).toMatchObject({
      q: 'canceled',
      a: 'canceled',
      b: 'canceled',
      r: 'canceled',
      undo: 'ready',
      p: 'expanded',
    });
    tree.complete('undo');
    expect(tree.tree.workflow).toMatchObject({ state: 'canceled', reason: 'CanceledByHand' });
  });

  test('of a workflow lets what runs come to its end, and then compensates', () => {
    const tree = nested();
    tree.claim(tree.named('a').id);
    apply(tree, cancelByHand(tree.tree, undefined, HAND));
    expect(tree.states()).toMatchObject({
      a: 'running',
      b: 'canceled',
      r: 'canceled',
      z: 'canceled',
      undo: 'parked',
    });
    tree.complete('a');
    expect(tree.states()).toMatchObject({ q: 'canceled', undo: 'ready' });
    tree.complete('undo');
    expect(tree.tree.workflow.state).toBe('canceled');
  });

  test('of a workflow that was not admitted ends it at once', () => {
    const tree = new TestTree([plan('a', 1), plan('undo', 1, 'compensation')]);
    apply(tree, cancelByHand(tree.tree, undefined, HAND));
    expect(tree.states()).toEqual({ a: 'canceled', undo: 'canceled' });
    expect(tree.tree.workflow).toMatchObject({ state: 'canceled', reason: 'CanceledByHand' });
  });

  test('is refused when only running steps are left, and after the end', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    tree.claim(tree.named('a').id);
    expect(cancelByHand(tree.tree, undefined, HAND)).toMatchObject({ kind: 'refused' });
    tree.complete('a');
    expect(cancelByHand(tree.tree, undefined, HAND)).toEqual({
      kind: 'refused',
      problem: 'the workflow has ended: completed',
    });
  });
});

describe('retrying by hand', () => {
  test('begins again where a nested workflow broke, with all attempts, and it runs to its end', () => {
    const tree = new TestTree([plan('p', 1), plan('z', 2)]);
    tree.admit();
    tree.expand('p', [plan('a', 1), plan('b', 2)]);
    tree.fail('a');
    expect(tree.tree.workflow.state).toBe('failed');
    apply(tree, retryByHand(tree.tree, undefined, HAND));
    expect(tree.states()).toEqual({ p: 'expanded', z: 'waiting', a: 'ready', b: 'waiting' });
    expect(tree.named('a')).toMatchObject({ attempts: 0, error: undefined, reason: undefined });
    expect(tree.tree.workflow).toMatchObject({ state: 'running', finishedAtMs: undefined });
    tree.complete('a', 'b', 'z');
    expect(tree.tree.workflow.state).toBe('completed');
  });

  test('of a delayed step makes it ready at once', () => {
    const tree = new TestTree([plan('a', 1)]);
    tree.admit();
    tree.end('a', { kind: 'deferred', untilMs: 90_000, reason: 'AwaitingFill' });
    apply(tree, retryByHand(tree.tree, tree.named('a').id, HAND));
    expect(tree.states()).toEqual({ a: 'ready' });
  });

  test('is refused where compensation has run, and where nothing broke', () => {
    const tree = new TestTree([plan('a', 1), plan('undo', 1, 'compensation')]);
    tree.admit();
    expect(retryByHand(tree.tree, undefined, HAND)).toMatchObject({ kind: 'refused' });
    tree.fail('a');
    tree.complete('undo');
    expect(retryByHand(tree.tree, undefined, HAND)).toEqual({
      kind: 'refused',
      problem: 'undo has compensated; submit the work anew',
    });
  });

  test('of one of two failures is refused: the other would break the block again', () => {
    const tree = new TestTree([plan('a', 1), plan('b', 1)]);
    tree.admit();
    tree.fail('a');
    tree.fail('b');
    expect(retryByHand(tree.tree, tree.named('a').id, HAND)).toMatchObject({
      problem: 'b broke beside it; retry the whole workflow',
    });
    apply(tree, retryByHand(tree.tree, undefined, HAND));
    tree.complete('a', 'b');
    expect(tree.tree.workflow.state).toBe('completed');
  });
});
