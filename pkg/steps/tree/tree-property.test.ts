/**
 * Random trees under random outcomes, in random order.
 *
 * Held at every step: nothing is ready before its predecessors concluded. Held at the end: nothing waits, every
 * end is explained by what happened beside or above it, and compensation ran exactly where a block broke.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createSeededRandom, type Random } from '#pkg/base';
import type { StepRow } from '#pkg/store';
import type { PlannedStep } from '../definition.ts';
import { CRASHES_MAX, recover, wake } from './changes.ts';
import type { RunEnd } from './finish.ts';
import { isActive, isBroken, isConcluded } from './step-transitions.ts';
import { plan, TestTree } from './tree-testing.ts';

const DEPTH_MAX = 3;
const MOVES_MAX = 5_000;

function drawBlock(random: Random, label: string): PlannedStep[] {
  const drawRole = (role: 'default' | 'compensation', indices: number): PlannedStep[] =>
    Array.from({ length: indices }, (_, index) =>
      Array.from({ length: 1 + random.integer(3) }, (_, width) =>
        plan(`${label}-${role}-${index + 1}-${width}`, index + 1, role),
      ),
    ).flat();
  return [
    ...drawRole('default', 1 + random.integer(3)),
    ...drawRole('compensation', random.integer(3)),
  ];
}

function drawEnd(tree: TestTree, step: StepRow, random: Random): RunEnd {
  const depth = step.name.split('/').length;
  const drawn = random.next();
  if (drawn < 0.5) return { kind: 'completed', response: 'null' };
  if (drawn < 0.58) return { kind: 'skipped', reason: 'PositionNotOpen' };
  if (drawn < 0.64) return { kind: 'stopped', reason: 'NoCandidate' };
  if (drawn < 0.7) return { kind: 'failed', error: 'for good' };
  if (drawn < 0.76) {
    return { kind: 'failed', error: 'again', retry: { attemptsMax: 2, delayMs: 5 } };
  }
  if (drawn < 0.82) return { kind: 'deferred', untilMs: tree.nowMs + 20, reason: 'AwaitingFill' };
  if (drawn < 0.84) return { kind: 'handedBack' };
  if (drawn < 0.87) return { kind: 'confirming', response: '"deed"', afterMs: 5 };
  if (depth > DEPTH_MAX) return { kind: 'completed', response: 'null' };
  const children = drawBlock(random, `${step.name}/${step.epoch}`);
  return { kind: 'expanded', children: tree.planChildren(children, step) };
}

/** One thing that may happen now: a run begins, ends or crashes, or time passes. */
function move(tree: TestTree, random: Random): void {
  const open = tree.tree.steps.filter((step) =>
    ['ready', 'running', 'delayed'].includes(step.state),
  );
  const step = open[random.integer(open.length)];
  if (step === undefined) throw new Error('nothing is on its way, but the workflow has not ended');
  if (step.state === 'ready') tree.claim(step.id);
  else if (step.state === 'delayed') tree.apply(wake(tree.tree, step.runAfterMs ?? 0));
  else if (random.next() < 0.05) tree.apply(recover(tree.tree, step, tree.nowMs));
  else tree.endStep(step.id, drawEnd(tree, step, random));
}

function blocksOf(tree: TestTree): StepRow[][] {
  return [...Map.groupBy(tree.tree.steps, (step) => step.blockId).values()];
}

function ofRole(block: readonly StepRow[], role: StepRow['role']): StepRow[] {
  return block.filter((step) => step.role === role);
}

/** Nothing is or was on its way while a lower index of its role had not concluded. */
function expectOrder(tree: TestTree): void {
  for (const block of blocksOf(tree)) {
    for (const step of block) {
      if (step.readyAtMs === undefined) continue;
      const before = ofRole(block, step.role).filter((other) => other.index < step.index);
      expect(before.every((other) => isConcluded(other.state))).toBe(true);
      if (step.role === 'default') continue;
      const defaults = ofRole(block, 'default');
      expect(defaults.some((other) => isBroken(other.state))).toBe(true);
      expect(defaults.some((other) => isActive(other.state))).toBe(false);
    }
  }
}

function expectExplained(tree: TestTree, block: readonly StepRow[]): void {
  const defaults = ofRole(block, 'default');
  const compensation = ofRole(block, 'compensation');
  const isBlockBroken = defaults.some((step) => isBroken(step.state));
  for (const step of block) {
    expect(isConcluded(step.state) || isBroken(step.state)).toBe(true);
    if (step.state === 'canceled') {
      const culprit = ofRole(block, step.role).find(
        (other) => other.index < step.index && isBroken(other.state),
      );
      expect(culprit).toBeDefined();
      expect(step).toMatchObject({ reason: 'BlockBroken', readyAtMs: undefined });
    }
    if (step.state === 'failed') {
      const isPoisoned = step.reason === 'StepPoisoned' && step.crashes === CRASHES_MAX;
      expect(isPoisoned || step.error !== undefined).toBe(true);
    }
    if (step.state === 'stopped' || step.state === 'skipped') expect(step.reason).toBeDefined();
  }
  const hasRun = compensation.some((step) => step.readyAtMs !== undefined);
  expect(hasRun).toBe(isBlockBroken && compensation.length > 0);
  const parentId = block[0]?.parentStepId;
  const end = parentId === undefined ? tree.tree.workflow.state : tree.byId(parentId).state;
  expect(end === 'completed').toBe(!isBlockBroken);
}

test('every random tree ends, in order, and every end is explained', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = createSeededRandom(seed);
      const tree = new TestTree(drawBlock(random, 'root'));
      tree.admit();
      for (let count = 0; tree.tree.workflow.finishedAtMs === undefined; count += 1) {
        expect(count).toBeLessThan(MOVES_MAX);
        move(tree, random);
        expectOrder(tree);
      }
      for (const block of blocksOf(tree)) expectExplained(tree, block);
      const isRescued = tree.tree.workflow.state === 'rescued';
      const failures = tree.tree.steps.filter((step) => step.state === 'failed');
      if (isRescued) expect(failures.length).toBeGreaterThan(0);
    }),
    { numRuns: 150 },
  );
}, 30_000);
