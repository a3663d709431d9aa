import type { Reason } from '#pkg/base';
import type { Egress, EgressIdentity } from '#pkg/egress';
import type { LeaseOptions } from '#pkg/schedule/leases';
import {
  createConnectDoor,
  createRedisConnectAllowance,
  openWebSocket,
  type ConnectDoor,
  type OpenSocket,
} from '#pkg/streams';
import type { Core } from './core.ts';
import { disposeAll } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';

/** Returns the way out to the venue's sockets, within what the box's address may connect. */
export function openDoor(
  { clock, random, logger, newId: makeId }: ProcessBase,
  { redis }: Core,
  { egress, connectsMax }: { readonly egress: Egress; readonly connectsMax: number },
): { readonly door: ConnectDoor; readonly openSocket: OpenSocket } {
  const allowance = createRedisConnectAllowance(
    { redis, clock, logger, makeId },
    { address: egress.egressAddress, connectsMax },
  );
  return { door: createConnectDoor({ clock, random, allowance }), openSocket: openWebSocket };
}

/** Returns the part of a stream's lease options that gives it up while its box may not leave: a standby may. */
export function whileProved(identity: EgressIdentity | undefined): Pick<LeaseOptions, 'isWanted'> {
  return { isWanted: async () => identity?.refusal('protective') === undefined };
}

/** Returns the role of a process that listens to the venue: ready while its box may leave; `findTrouble` is shown. */
export function streamRole(
  identity: EgressIdentity | undefined,
  resources: readonly AsyncDisposable[],
  findTrouble: () => Reason | undefined,
): ProcessRole {
  return {
    readiness: () => {
      const refusal = identity?.refusal('protective');
      const reason = refusal ?? identity?.refusal('normal') ?? findTrouble();
      return { isReady: refusal === undefined, reasons: reason === undefined ? [] : [reason] };
    },
    [Symbol.asyncDispose]: async () => {
      identity?.[Symbol.dispose]();
      await disposeAll(resources);
    },
  };
}
