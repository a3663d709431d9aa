/** An account that is left with hardly more than its positions need: the next fall of prices liquidates it. */
import { Decimal, type Random } from '#pkg/base';

import { addIncome } from '../../../pkg/exchange/simulated/venue/accounting.ts';
import { marginOf } from '../../../pkg/exchange/simulated/venue/margin.ts';
import { keysOf, type FleetWorld } from './fleet-world.ts';

/** The venue liquidates when what is left is less than the maintenance margin. */
const LEFT = { min: 1.005, spread: 0.5 };

/** Moves money out of the futures wallet, and back when the storm is over. */
export function squeezeMargin(world: FleetWorld, random: Random, lastsMs: number): void {
  const [accountId] = world.accounts;
  if (accountId === undefined) return;
  const { apiKey } = keysOf(accountId);
  const { state, runtime } = world.venue;
  const account = state.get('accounts', apiKey);
  if (account === undefined) return;
  const now = runtime.venue.worldAt(Math.floor(world.clock.nowMs()));
  const { crossMaintenance, crossUnrealized } = marginOf(now, account);
  if (crossMaintenance.isZero()) return;
  const left = crossMaintenance
    .times(LEFT.min + random.next() * LEFT.spread)
    .minus(crossUnrealized);
  const amount = Decimal.max(0, new Decimal(account.wallet).minus(left)).toDecimalPlaces(2);
  move(world, apiKey, amount.negated());
  world.clock.schedule(lastsMs, () => move(world, apiKey, amount));
}

function move({ venue, clock }: FleetWorld, key: string, amount: Decimal): void {
  const { state, runtime } = venue;
  const account = state.get('accounts', key);
  if (account === undefined || amount.isZero()) return;
  const wallet = new Decimal(account.wallet).plus(amount).toFixed();
  state.put('accounts', key, { ...account, wallet });
  addIncome(runtime.venue.worldAt(Math.floor(clock.nowMs())), {
    account: key,
    symbol: '',
    kind: 'TRANSFER',
    amount: amount.toFixed(),
    tradeId: '',
  });
  runtime.commit();
}
