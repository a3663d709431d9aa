import { readFileSync } from 'node:fs';

import type { Clock, Reason } from '#pkg/base';
import type { BudgetPriority } from '#pkg/budgets';
import { watchMountedFile } from '#pkg/config';
import type { Logger } from '#pkg/observability';
import type { Egress } from './egress.ts';
import { judgeProof, parseEgressProof, type EgressProof } from './proof.ts';

/** What a process believes of its own address. */
export interface EgressIdentity extends Disposable {
  /** Why work of this priority may not leave, or undefined. */
  refusal(priority: BudgetPriority): Reason | undefined;
  /** The venue saw `seenAddress`: nothing leaves until a newer proof than now. */
  accuse(seenAddress: string): void;
}

/**
 * Returns the identity of a process on a box whose node agent writes `file`. Dispose to end.
 *
 * Without the file, or with one of another address, nothing leaves: a request from a wrong address costs the account
 * its permission, a missing one costs a moment.
 */
export function watchEgressIdentity(
  dependencies: { readonly egress: Egress; readonly clock: Clock; readonly logger: Logger },
  file: string,
): EgressIdentity {
  const { egress, clock, logger } = dependencies;
  const { egressAddress } = egress;
  let proof = readProof(file);
  let accusedAtMs: number | undefined;
  const watcher = watchMountedFile(clock, file, () => {
    proof = readProof(file);
  });
  return {
    refusal: (priority) =>
      judgeProof(proof, { egressAddress, nowMs: clock.nowMs(), priority, accusedAtMs }),
    accuse: (seenAddress) => {
      logger.error({ egressAddress, seenAddress }, 'the venue saw another address than our own');
      accusedAtMs = clock.nowMs();
    },
    [Symbol.dispose]: () => watcher[Symbol.dispose](),
  };
}

function readProof(file: string): EgressProof | undefined {
  try {
    return parseEgressProof(readFileSync(file, 'utf8'));
  } catch {
    // Not there, or not yet: no proof.
    return undefined;
  }
}
