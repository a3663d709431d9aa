import type { Position } from '#pkg/domain';
import type { StepOutcome } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';
import { describe } from '../open/order-steps.ts';
import { failNow } from '../trade-step.ts';

/** Everything the fleet can do was done and exposure remains: the position says so and a person must look. */
export async function reportExposure(
  { store, clock, events }: LifecycleDependencies,
  position: Position,
  message: string,
): Promise<StepOutcome<never>> {
  await store.positions.advance(position.id, 'NotProvedFlat', { nowMs: clock.nowMs() });
  await events.record({
    kind: 'ExposureLeft',
    accountId: position.accountId,
    positionId: position.id,
    symbol: position.symbol,
    reason: 'VenueRejected',
    message: `${describe(position)} could not be closed. ${message} Close it by hand.`,
  });
  return failNow(message);
}
