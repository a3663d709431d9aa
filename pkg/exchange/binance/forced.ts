import type { ForcedCause } from '../exchange.ts';

/** Client ids under which the venue ends a position by itself. */
const CAUSE_OF_PREFIX: readonly (readonly [prefix: string, cause: ForcedCause])[] = [
  ['autoclose-', 'liquidation'],
  ['adl_autoclose', 'deleveraging'],
  ['settlement_autoclose-', 'settlement'],
];

/** Returns why the venue sent an order itself; undefined when a customer did. */
export function findForcedCause(clientOrderId: string): ForcedCause | undefined {
  return CAUSE_OF_PREFIX.find(([prefix]) => clientOrderId.startsWith(prefix))?.[1];
}
