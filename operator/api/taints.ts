import type { BoxRole } from '#pkg/fleet-spec';
import { TAINTS } from './names.ts';

/** Boxes for their own pods alone. */
const CLOSED_ROLES: readonly BoxRole[] = ['core', 'trading'];

/**
 * Returns the taints of ours that a node has, by the role of its box: k3s registers it with them, the operator keeps them.
 *
 * Brain and indicators have none. They carry what a cluster cannot do without and what bears no taint of ours (cluster
 * DNS, the operator), and their own pods are held back by readiness gate and egress.json while an address is not proved.
 */
export function taintsOfRole(
  role: BoxRole,
  { isEgressVerified }: { readonly isEgressVerified: boolean },
): readonly { readonly key: string; readonly value: string; readonly effect: string }[] {
  const closed = { key: TAINTS.role, value: role, effect: 'NoSchedule' };
  const unverified = { key: TAINTS.egressUnverified, value: 'true', effect: 'NoSchedule' };
  return [
    ...(CLOSED_ROLES.includes(role) ? [closed] : []),
    ...(role === 'trading' && !isEgressVerified ? [unverified] : []),
  ];
}
