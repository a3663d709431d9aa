import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';

import { createIdMaker, createManualClock, createSeededRandom } from '#pkg/base';
import { id, type BoxName, type Lane, type WorkflowId } from '#pkg/domain';
import { defineStep, planStep, type PlannedStep } from './definition.ts';
import { WorkflowDefinitionError } from './errors.ts';
import { PAYLOAD_BYTES_MAX } from './payload.ts';
import { BLOCK_DEPTH_MAX, planBlock } from './plan-rows.ts';

const makeId = createIdMaker(createManualClock(), createSeededRandom(1));
const place = defineStep({
  name: 'place-order',
  lane: 'orders',
  arguments: Type.Object({ symbol: Type.String() }),
  response: Type.Null(),
});
const own = defineStep({
  name: 'probe-box',
  lane: 'own',
  arguments: Type.Null(),
  response: Type.Null(),
});
const context = {
  workflowName: 'open-position',
  workflowId: id<WorkflowId>('w'),
  isUrgent: true,
  nowMs: 5,
  makeId,
};
const at = (index: number, role: PlannedStep['role'] = 'default'): PlannedStep =>
  planStep(place, { symbol: 'BTCUSDT' }, { index, role });

describe('a block that could never run is refused when it is written', () => {
  const refusals: readonly (readonly [string, readonly PlannedStep[], string])[] = [
    ['no steps', [], 'workflow open-position: the workflow has no steps'],
    ['only compensation', [at(1, 'compensation')], 'the workflow has no steps'],
    ['an index below 1', [at(0)], 'step place-order: index 0 is not a whole number from 1'],
    ['a broken index', [at(1.5)], 'index 1.5 is not a whole number'],
    ['a hole', [at(1), at(3)], 'step place-order: index 3 has no predecessor at 2'],
    ['a hole in compensation', [at(1), at(2, 'compensation')], 'index 2 has no predecessor at 1'],
    [
      'a lane that does not exist',
      [{ ...at(1), definition: { ...place, lane: 'nowhere' as Lane } }],
      'lane nowhere does not exist; lanes are positions, orders',
    ],
    [
      'the own lane without a box',
      [planStep(own, null, { index: 1 })],
      'step probe-box: stands in the lane own and names no box',
    ],
    ['a box on a shared lane', [{ ...at(1), box: id<BoxName>('eos') }], 'names the box eos'],
    [
      'arguments against their schema',
      [{ ...at(1), args: { symbol: 7 } }],
      'step place-order: its arguments value does not match its schema: /symbol',
    ],
    [
      'arguments that are too large',
      [{ ...at(1), args: { symbol: 'x'.repeat(PAYLOAD_BYTES_MAX) } }],
      `the limit is ${PAYLOAD_BYTES_MAX}`,
    ],
  ];
  test.each(refusals)('%s', (_name, steps, sentence) => {
    expect(() => planBlock(steps, context)).toThrow(WorkflowDefinitionError);
    expect(() => planBlock(steps, context)).toThrow(sentence);
  });

  test('a step that no handler of this release does', () => {
    const known = new Set(['place-order@2']);
    expect(() => planBlock([at(1)], { ...context, known })).toThrow(
      'step place-order: no handler of this release does version 1 of it',
    );
  });

  test('arguments that are no JSON', () => {
    const loose = defineStep({
      name: 'loose',
      lane: 'orders',
      arguments: Type.Unknown(),
      response: Type.Null(),
    });
    expect(() => planBlock([planStep(loose, 7n, { index: 1 })], context)).toThrow('is not JSON');
  });

  test('a block nested too deep', () => {
    const [parent] = planBlock([at(1)], context);
    if (parent === undefined) throw new Error('no row');
    const nested = { ...context, parent: { step: parent, depth: BLOCK_DEPTH_MAX } };
    expect(() => planBlock([at(1)], nested)).toThrow('nested deeper than 100');
  });
});

test('rows inherit the urgency of their workflow and the box of their parent', () => {
  const [parent] = planBlock([planStep(own, null, { index: 1, box: id<BoxName>('eos') })], context);
  if (parent === undefined) throw new Error('no row');
  const [child] = planBlock([planStep(own, null, { index: 1 })], {
    ...context,
    parent: { step: parent, depth: 1 },
  });
  expect(parent).toMatchObject({ isUrgent: true, box: 'eos', parentStepId: undefined });
  expect(child).toMatchObject({ isUrgent: true, box: 'eos', parentStepId: parent.id });
});
