/** A seeded plan of faults: what befalls the n-th request or frame follows from the seed alone, so a run can be replayed. */
import { createSeededRandom } from '#pkg/base';
import { FAULT_ANSWERS, type FaultPlan, type FrameFault } from './fault-request.ts';
import type { RequestFault } from './request-faults.ts';

const DELAY_MS_MAX = 500;
const EXECUTED_SHARE = 0.5;

/** Returns the fault of the `count`-th request of `endpoint`, or undefined when it is spared. */
export function drawRequestFault(
  plan: FaultPlan,
  endpoint: string,
  count: number,
): Partial<RequestFault> | undefined {
  const { endpoints } = plan;
  if (endpoints !== undefined && !endpoints.includes('*') && !endpoints.includes(endpoint)) {
    return undefined;
  }
  const random = createSeededRandom(`${plan.seed}/${endpoint}/${count}`);
  const delayMs = Math.round(random.next() * (plan.delayMsMax ?? DELAY_MS_MAX));
  const executed = random.next() < (plan.executed ?? EXECUTED_SHARE);
  const choices: readonly (readonly [number | undefined, Partial<RequestFault>])[] = [
    [plan.loseRequests, { losesRequest: true }],
    [plan.loseReplies, { losesReply: true }],
    [plan.holdRequests, { holdMs: delayMs }],
    [plan.delayReplies, { replyDelayMs: delayMs }],
    ...FAULT_ANSWERS.map((kind) => [plan.answers?.[kind], { answer: { kind, executed } }] as const),
  ];
  return choose(choices, random.next());
}

/** Returns what befalls the `count`-th frame of a kind of stream, and how late it comes when it is delayed. */
export function drawFrameFault(
  plan: FaultPlan,
  streams: string,
  count: number,
): { readonly kind: FrameFault; readonly ms: number } | undefined {
  if (plan.frames === undefined) return undefined;
  const random = createSeededRandom(`${plan.seed}/frames/${streams}/${count}`);
  const ms = Math.round(random.next() * (plan.delayMsMax ?? DELAY_MS_MAX));
  const kinds = ['duplicate', 'delay', 'reorder', 'drop'] as const;
  const choices = kinds.map((kind) => [plan.frames?.[kind], { kind, ms }] as const);
  return choose(choices, random.next());
}

/** Each choice owns its share of [0, 1), in this order; what is left over is no choice. */
function choose<Choice>(
  choices: readonly (readonly [share: number | undefined, choice: Choice])[],
  roll: number,
): Choice | undefined {
  let bound = 0;
  for (const [share, choice] of choices) {
    bound += share ?? 0;
    if (roll < bound) return choice;
  }
  return undefined;
}
