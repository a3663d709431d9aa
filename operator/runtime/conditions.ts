import { formatInstant } from '#pkg/base';
import type { Condition } from './kube-object.ts';

/** A condition as it is wanted; when it changed is found out. */
export type WantedCondition = Omit<Condition, 'lastTransitionTime'>;

/**
 * Returns `wanted` as conditions: one whose status stays keeps its time of change, others changed at `nowMs`.
 *
 * Conditions that `wanted` does not name are left out.
 */
export function mergeConditions(
  standing: readonly Condition[],
  wanted: readonly WantedCondition[],
  nowMs: number,
): readonly Condition[] {
  const now = formatInstant(nowMs).replace(/\.\d+Z$/, 'Z');
  return wanted.map((condition) => {
    const old = standing.find(({ type }) => type === condition.type);
    const isSame = old?.status === condition.status;
    return { ...condition, lastTransitionTime: isSame ? old.lastTransitionTime : now };
  });
}
