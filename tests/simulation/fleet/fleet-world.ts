import type { AccountId } from '#pkg/domain';
import type { Random } from '#pkg/base';
import type { WindowBudget } from '#pkg/budgets';
import type { PriceBoard } from '#pkg/market-data';
import type { Logger } from '#pkg/observability';
import type { Store } from '#pkg/store';
import type { DeadLetters } from '#pkg/streams';

import type { Life } from '../engine/life.ts';
import type { QueueServer } from '../engine/simulated-queues.ts';
import type { FleetClock } from './fleet-clock.ts';
import type { FleetFaults } from './faults.ts';
import type { KnownLoss } from './known-loss.ts';
import type { Reach } from './reach.ts';
import type { VenueSide } from './venue-side.ts';

/** Everything outside the processes of a simulated fleet, which outlives each of them. */
export interface FleetWorld {
  readonly seed: number;
  readonly clock: FleetClock;
  readonly random: Random;
  /** Without faults: what really stands. */
  readonly rows: Store;
  readonly queues: QueueServer;
  readonly venue: VenueSide;
  readonly board: PriceBoard;
  readonly budget: WindowBudget;
  readonly letters: DeadLetters;
  readonly faults: FleetFaults;
  /** Which requests of which account reached the venue. */
  readonly reach: Reach;
  /** When it could know that a stop was taken away by hand. */
  readonly losses: KnownLoss;
  /** Processes that live now, by name. */
  readonly lives: Map<string, Life>;
  readonly accounts: readonly AccountId[];
  readonly logOf: (process: string) => Logger;
  /** Requests and frames that are on their way. */
  inFlight: number;
}

/** The boxes of the sample fleet that run processes, with the address each leaves from. */
export const BOXES = {
  athena: '203.0.113.12',
  eos: '203.0.113.13',
  iris: '203.0.113.14',
  nyx: '203.0.113.15',
  hemera: '203.0.113.16',
  tyche: '203.0.113.17',
} as const;
export type Box = keyof typeof BOXES;
export const TRADING_BOXES = ['eos', 'iris', 'nyx', 'hemera'] as const;

/** Key and secret of an account at the simulated venue. */
export function keysOf(accountId: AccountId): {
  readonly apiKey: string;
  readonly apiSecret: string;
} {
  return { apiKey: `key-${accountId}`, apiSecret: `secret-${accountId}` };
}
