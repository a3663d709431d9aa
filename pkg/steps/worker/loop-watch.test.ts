import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createSilentLogger, type LogFields } from '#pkg/observability';
import { plan, TestTree } from '../tree/tree-testing.ts';
import { watchLoop } from './loop-watch.ts';

function setUp() {
  const manual = createManualClock();
  let heldMs = 0;
  const lines: LogFields[] = [];
  const { tree } = new TestTree([plan('reckon', 1)]);
  const watch = watchLoop({
    clock: { ...manual, monotonicMs: () => manual.monotonicMs() + heldMs },
    logger: { ...createSilentLogger(), warn: (fields) => void lines.push(fields) },
    running: () => tree.steps,
  });
  watch.look();
  const hold = (ms: number): void => {
    heldMs += ms;
  };
  return { manual, lines, watch, hold };
}

test('a handler that holds the thread is named', () => {
  const { manual, lines, hold } = setUp();
  manual.advance(1_000);
  expect(lines).toEqual([]);
  hold(900);
  manual.advance(200);
  expect(lines).toMatchObject([{ reason: 'ThreadBlocked', blockedMs: 900, handlers: ['reckon'] }]);
  manual.advance(1_000);
  expect(lines).toHaveLength(1);
});

test('a short pause is no block, and after the end nobody looks', () => {
  const { manual, lines, watch, hold } = setUp();
  hold(300);
  manual.advance(200);
  watch[Symbol.dispose]();
  hold(900);
  manual.advance(1_000);
  expect(lines).toEqual([]);
});
