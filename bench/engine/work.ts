/** What the measured workflows do: nothing, fail once, hold a slot, or wait. */
import { Type } from 'typebox';

import {
  defineStep,
  defineWorkflow,
  implementStep,
  planStep,
  type PlannedStep,
  type StepHandler,
  type WorkflowDefinition,
} from '#pkg/steps';

interface ChainOptions {
  readonly steps: number;
  readonly isAlternating?: boolean;
  /** Every fifth step of all fails at its first attempt. */
  readonly isFlaky?: boolean;
}

export interface MeasuredWorkflows {
  readonly chain: WorkflowDefinition<ChainOptions>;
  readonly fan: WorkflowDefinition<{ readonly width: number }>;
  /** Steps beside each other that hold a slot for so long; a run after a crash ends at once. */
  readonly hold: WorkflowDefinition<{ readonly width: number; readonly ms: number }>;
  /** A step that is deferred once, for so long. */
  readonly doze: WorkflowDefinition<{ readonly ms: number }>;
  /** A step that waits for an hour, and so many that wait for it. */
  readonly wait: WorkflowDefinition<{ readonly width: number }>;
}

const HOUR_MS = 3_600_000;
const RETRY_MS = 5;
const nothing = { arguments: Type.Null(), response: Type.Null() };
const noOp = defineStep({ name: 'no-op', lane: 'positions', ...nothing });
const noOpBeside = defineStep({ name: 'no-op-orders', lane: 'orders', ...nothing });
const failOnce = defineStep({
  name: 'fail-once',
  lane: 'positions',
  retry: { baseMs: RETRY_MS, capMs: RETRY_MS },
  ...nothing,
});
const holdSlot = defineStep({
  name: 'hold-slot',
  lane: 'positions',
  arguments: Type.Object({ ms: Type.Number() }),
  response: Type.Null(),
});
const doze = defineStep({
  name: 'doze',
  lane: 'positions',
  arguments: Type.Object({ ms: Type.Number() }),
  /** How many ms too late it ran again. */
  response: Type.Number(),
});
const waitLong = defineStep({ name: 'wait-long', lane: 'positions', ...nothing });

const done = { kind: 'completed', response: null } as const;

export function createHandlers(): readonly StepHandler[] {
  const dozing = new Map<string, number>();
  return [
    implementStep(noOp, async () => done),
    implementStep(noOpBeside, async () => done),
    implementStep(failOnce, async ({ attempt }) =>
      attempt === 1 ? { kind: 'failed', error: new Error('once'), retry: 'backoff' } : done,
    ),
    implementStep(holdSlot, async ({ clock, crashCount, signal }, { ms }) => {
      if (crashCount === 0) await clock.sleep(ms, signal);
      return done;
    }),
    implementStep(doze, async ({ clock, stepId }, { ms }) => {
      const dueMs = dozing.get(stepId);
      if (dueMs !== undefined) return { kind: 'completed', response: clock.nowMs() - dueMs };
      dozing.set(stepId, clock.nowMs() + ms);
      return { kind: 'deferred', untilMs: clock.nowMs() + ms, reason: 'AwaitingConfirmation' };
    }),
    implementStep(waitLong, async ({ clock }) => ({
      kind: 'deferred',
      untilMs: clock.nowMs() + HOUR_MS,
      reason: 'AwaitingConfirmation',
    })),
  ];
}

export function createWorkflows(): MeasuredWorkflows {
  let planned = 0;
  const stepAt = (at: number, { isAlternating, isFlaky }: ChainOptions): PlannedStep => {
    planned += 1;
    const place = { index: at + 1 };
    if (isFlaky === true && planned % 5 === 0) return planStep(failOnce, null, place);
    return planStep(isAlternating === true && at % 2 === 1 ? noOpBeside : noOp, null, place);
  };
  return {
    chain: defineWorkflow({
      name: 'chain',
      isProtective: false,
      steps: (options) => Array.from({ length: options.steps }, (_, at) => stepAt(at, options)),
    }),
    fan: defineWorkflow({
      name: 'fan',
      isProtective: false,
      steps: ({ width }) => [
        ...Array.from({ length: width }, () => planStep(noOp, null, { index: 1 })),
        planStep(noOp, null, { index: 2 }),
      ],
    }),
    hold: defineWorkflow({
      name: 'hold',
      isProtective: false,
      steps: ({ width, ms }) =>
        Array.from({ length: width }, () => planStep(holdSlot, { ms }, { index: 1 })),
    }),
    doze: defineWorkflow({
      name: 'doze',
      isProtective: false,
      steps: ({ ms }) => [planStep(doze, { ms }, { index: 1 })],
    }),
    wait: defineWorkflow({
      name: 'wait',
      isProtective: false,
      steps: ({ width }) => [
        planStep(waitLong, null, { index: 1 }),
        ...Array.from({ length: width }, () => planStep(noOp, null, { index: 2 })),
      ],
    }),
  };
}
