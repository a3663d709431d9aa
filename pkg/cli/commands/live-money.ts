import { createInterface } from 'node:readline/promises';

import type { KraiteFleet } from '#pkg/fleet-spec';
import { LocalError } from '#pkg/local';
import { writeLine, type CliContext } from '../context.ts';

/** Refuses an object with mode live unless it was asked for and a person can be asked back. */
export function assertLiveAllowed(
  context: CliContext,
  fleet: KraiteFleet,
  isAskedFor: boolean,
): void {
  if (fleet.spec.exchange.mode !== 'live') return;
  if (!isAskedFor) {
    throw new LocalError(
      'LIVE_REFUSED',
      'this object trades real money (spec.exchange.mode: live); if that is what you mean, add --live',
    );
  }
  if (context.stdin.isTTY) return;
  throw new LocalError(
    'LIVE_REFUSED',
    'real money needs a person who confirms it by typing; start this on a terminal, not in a script',
  );
}

/** Asks the person to type the name of every account that would trade real money. */
export async function confirmLive(
  context: CliContext,
  accounts: readonly string[],
): Promise<boolean> {
  const asked = createInterface({ input: context.stdin, output: process.stderr });
  try {
    writeLine(context.stderr, `This trades REAL MONEY on: ${accounts.join(', ')}`);
    const answer = await asked.question(
      `Type ${accounts.length === 1 ? 'the name of the account' : 'these names as they stand'} to go on: `,
    );
    return answer.trim() === accounts.join(', ');
  } finally {
    asked.close();
  }
}
