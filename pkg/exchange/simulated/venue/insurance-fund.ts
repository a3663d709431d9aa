/** The insurance fund: what it holds is what it began with and the sum of its rows, each with its reason. */
import { Decimal } from '#pkg/base';
import type { FundRow } from './rows.ts';
import { meta, nextNumber, type World } from './world.ts';

/** Moves the fund and writes down why. */
export function moveFund(world: World, change: Omit<FundRow, 'id' | 'atMs'>): void {
  const id = nextNumber(world, 'lastTranId');
  world.state.put('fund', id, { ...change, id, atMs: world.nowMs });
  const row = meta(world);
  const insuranceFund = new Decimal(row.insuranceFund).plus(change.amount).toFixed();
  world.state.put('meta', 'all', { ...row, insuranceFund });
}
