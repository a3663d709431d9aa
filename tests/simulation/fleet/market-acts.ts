/**
 * What befalls prices and contracts: gaps, flash crashes, last prices that run from the mark, a contract that is
 * delisted, a position that is deleveraged or liquidated for reasons of others.
 */
import type { Random } from '#pkg/base';

import { positionAmount } from '../../../pkg/exchange/simulated/venue/accounting.ts';
import { fillOrder } from '../../../pkg/exchange/simulated/venue/fills.ts';
import { cancelOrders, openForced } from '../../../pkg/exchange/simulated/venue/forced-orders.ts';
import type { PositionRow } from '../../../pkg/exchange/simulated/venue/rows.ts';
import { delistSymbol } from '../../../pkg/exchange/simulated/venue/settlement.ts';
import { nextTradeId } from '../../../pkg/exchange/simulated/venue/world.ts';
import type { FleetWorld } from './fleet-world.ts';

/** Of the moves, this share takes all symbols at once. */
const ALL_SHARE = 0.3;
const DELIST_SHARE = 0.1;
const ADL_SHARE = 0.25;

export function shakeMarket(world: FleetWorld, random: Random, lastsMs: number): void {
  const { venue } = world.venue.runtime;
  const { state } = venue;
  const nowMs = Math.floor(world.clock.nowMs());
  const symbol = venue.symbols[random.integer(venue.symbols.length)] ?? 'BTCUSDT';
  const known = state.get('meta', 'all');
  if (known === undefined) return;
  if (random.next() < DELIST_SHARE) {
    delistSymbol(venue.worldAt(nowMs), symbol);
    world.venue.runtime.commit();
    return;
  }
  if (random.next() < ADL_SHARE) {
    const held = [...state.rows('positions')].filter(({ amount }) => Number(amount) !== 0);
    const chosen = held[random.integer(Math.max(1, held.length))];
    if (chosen !== undefined) deleverage(world, chosen, random);
    return;
  }
  const isGap = random.next() < 0.4;
  const size = 0.05 + random.next() * 0.4;
  state.put('meta', 'all', {
    ...known,
    moves: [
      ...known.moves,
      {
        symbol: random.next() < ALL_SHARE ? '*' : symbol,
        ratio: random.next() < 0.6 ? 1 - size : 1 + size,
        startMs: nowMs,
        rampMs: isGap ? 0 : random.next() * lastsMs,
        holdMs: random.next() * lastsMs,
        recoverMs: random.next() < 0.7 ? random.next() * lastsMs : undefined,
        on: random.next() < 0.8 ? 'all' : 'last',
      },
    ],
  });
  world.venue.runtime.commit();
}

/** All of a position, or a part, is closed at the mark because somebody else's loss found no buyer. */
function deleverage({ venue, clock }: FleetWorld, position: PositionRow, random: Random): void {
  const venueWorld = venue.runtime.venue.worldAt(Math.floor(clock.nowMs()));
  const { account, symbol } = position;
  cancelOrders(venueWorld, account, (open) => open.symbol === symbol);
  const price = venueWorld.quote(symbol).mark;
  const held = positionAmount(position).abs();
  const half = held.div(2).toDecimalPlaces(0);
  const quantity = random.next() < 0.5 && half.gt(0) ? half : held;
  const order = openForced(venueWorld, position, {
    id: 'adl_autoclose',
    autoClose: 'ADL',
    price,
    quantity,
  });
  const tradeId = nextTradeId(venueWorld);
  fillOrder(venueWorld, order, { price, quantity, isMaker: true, tradeId, against: undefined });
  venue.runtime.commit();
}
