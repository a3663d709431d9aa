/** What runs while everything around it is killed: every step has an effect outside, with its own id as the key. */
import { Type } from 'typebox';

import { implementStep, defineStep, defineWorkflow, planStep, type StepHandler } from '#pkg/steps';
import { createLedger } from './ledger.ts';

const effect = (name: string, lane: 'positions' | 'orders') =>
  defineStep({
    name,
    lane,
    arguments: Type.Object({ runMs: Type.Integer() }),
    response: Type.String(),
    retry: { attemptsMax: 20, baseMs: 50, capMs: 500 },
  });
const place = effect('place', 'positions');
const settle = effect('settle', 'orders');
const spread = defineStep({
  name: 'spread',
  lane: 'positions',
  arguments: Type.Object({ runMs: Type.Integer() }),
  response: Type.Null(),
});

/** Eight effects: a sequence over two lanes, three beside each other below a parent, and one that waits for them. */
export const ledgered = defineWorkflow<{ readonly runMs: number }>({
  name: 'ledgered',
  isProtective: false,
  steps: (args) => [
    planStep(place, args, { index: 1 }),
    planStep(place, args, { index: 2 }),
    planStep(settle, args, { index: 3 }),
    planStep(spread, args, { index: 4 }),
    planStep(place, args, { index: 5 }),
  ],
});
export const STEPS_EACH = 9;

/** Returns the handlers, which write to the ledger in `folder`. */
export function createLedgeredHandlers(folder: string): StepHandler[] {
  const ledger = createLedger(folder);
  return [
    ...[place, settle].map((step) =>
      implementStep(step, async (context, { runMs }) => {
        await ledger.begin(context.stepId);
        await context.clock.sleep(runMs / 2, context.signal);
        if (!context.isOwned()) throw new Error('told to stop');
        await ledger.act(context.stepId);
        await context.clock.sleep(runMs / 2, context.signal);
        return { kind: 'completed', response: context.stepId };
      }),
    ),
    implementStep(spread, async (context, args) => {
      await ledger.begin(context.stepId);
      return {
        kind: 'expanded',
        children: [
          ...Array.from({ length: 3 }, () => planStep(place, args, { index: 1 })),
          planStep(settle, args, { index: 2 }),
        ],
      };
    }),
  ];
}
