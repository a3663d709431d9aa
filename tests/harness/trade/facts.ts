import type { Position } from '#pkg/domain';

import { createTradeBench, type TradeBench } from './trade-bench.ts';

/** Returns a bench with one long position that is open and protected. */
export async function opened(): Promise<TradeBench> {
  const bench = await createTradeBench();
  await bench.open();
  return bench;
}

/** Returns the one position that holds a slot. */
export async function only(bench: TradeBench): Promise<Position> {
  const [position, ...others] = await bench.store.positions.listOpen();
  if (position === undefined || others.length > 0) throw new Error('not exactly one position');
  return position;
}

/** Returns where the profit order stands at the venue. */
export function profitAtVenue(bench: TradeBench): string | undefined {
  const order = bench.venue.working().find((other) => other.clientOrderId.includes('-p0'));
  return order && `${order.quantity.toString()} @ ${order.price?.toString() ?? ''}`;
}

/** Returns how often a step died. */
export function crashes(bench: TradeBench): number {
  const steps = bench.runner.summaries().flatMap((run) => run.steps);
  return steps.reduce((sum, step) => sum + step.crashes, 0);
}
