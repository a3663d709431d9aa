import type { Reason } from '#pkg/base';
import type { FleetConditionType } from '#operator/api';
import { mergeConditions, type Condition, type KubeObject } from '#operator/runtime';
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
  const { generation } = object.metadata;
  const wanted = Object.entries(verdicts).map(([type, verdict]) => ({
    type,
    ...verdict,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }));
  return mergeConditions(conditionsOf(object), wanted, nowMs);
}

export function yes(reason: Reason, message: string): Verdict {
  return { status: 'True', reason, message };
}

export function no(reason: Reason, message: string): Verdict {
  return { status: 'False', reason, message };
}
