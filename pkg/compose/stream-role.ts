import type { EgressIdentity } from '#pkg/egress';
import type { LeaseOptions } from '#pkg/schedule/leases';
import { disposeAll } from './presence.ts';
import type { ProcessRole } from './process.ts';

/** Returns the part of a stream's lease options that gives it up while its box may not leave: a standby may. */
export function whileProved(identity: EgressIdentity | undefined): Pick<LeaseOptions, 'isWanted'> {
  return { isWanted: async () => identity?.refusal('protective') === undefined };
}

/** Returns the role of a process that listens to the venue: ready while its box may leave. */
export function streamRole(
  identity: EgressIdentity | undefined,
  resources: readonly AsyncDisposable[],
): ProcessRole {
  return {
    readiness: () => {
      const refusal = identity?.refusal('protective');
      const reason = refusal ?? identity?.refusal('normal');
      return { isReady: refusal === undefined, reasons: reason === undefined ? [] : [reason] };
    },
    [Symbol.asyncDispose]: async () => {
      identity?.[Symbol.dispose]();
      await disposeAll(resources);
    },
  };
}
