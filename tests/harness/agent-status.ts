import { EGRESS_TIMES, type NodeEgressObject, type NodeEgressStatus } from '#operator/api';

/** What a node agent would say of `egress`: it does what it is told at once. */
export function agentStatus(
  { spec, status, metadata }: NodeEgressObject,
  { isProved, nowMs }: { readonly isProved: boolean; readonly nowMs: number },
): NodeEgressStatus {
  const now = new Date(nowMs).toISOString();
  const isSeen = isProved && spec.egressIP !== undefined;
  const isOld = nowMs - Date.parse(status?.verifiedAt ?? '1970-01-01') > EGRESS_TIMES.statusEveryMs;
  const condition = (type: string, isSo: boolean, reason: string) => ({
    type,
    status: isSo ? ('True' as const) : ('False' as const),
    reason,
    message: '',
    lastTransitionTime: now,
  });
  return {
    observedGeneration: metadata.generation ?? 0,
    ...(isSeen
      ? {
          observedIP: spec.egressIP ?? '',
          verifiedAt: isOld ? now : (status?.verifiedAt ?? now),
        }
      : {}),
    conditions: [
      spec.isReleased === true
        ? condition('RulesApplied', false, 'RulesRemoved')
        : condition('RulesApplied', true, 'RulesApplied'),
      condition('Verified', isSeen, 'Verified'),
    ],
  };
}
