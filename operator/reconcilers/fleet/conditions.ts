import { formatInstant, type Reason } from '#pkg/base';
import type { FleetConditionType } from '#operator/api';
import type { Condition, KubeObject } from '#operator/runtime';
import { conditionsOf } from './kube-fields.ts';

export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

export type Verdicts = Readonly<Record<FleetConditionType, Verdict>>;

/** Returns `verdicts` as conditions of `object`; the time of one changes only when its status does. */
export function toConditions(
  verdicts: Partial<Verdicts>,
  object: KubeObject,
  nowMs: number,
): readonly Condition[] {
  const before = conditionsOf(object);
  const now = formatInstant(nowMs).replace(/\.\d+Z$/, 'Z');
  return Object.entries(verdicts).map(([type, { status, reason, message }]) => {
    const old = before.find((each) => each.type === type);
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
      ...(object.metadata.generation === undefined
        ? {}
        : { observedGeneration: object.metadata.generation }),
    };
  });
}

export function yes(reason: Reason, message: string): Verdict {
  return { status: 'True', reason, message };
}

export function no(reason: Reason, message: string): Verdict {
  return { status: 'False', reason, message };
}
