/** What the owner of an account does by hand at the venue, in the positions that the fleet holds for him. */
import type { Random } from '#pkg/base';

import type { OrderRow, PositionRow } from '../../../pkg/exchange/simulated/venue/rows.ts';
import { findEndpoint } from '../../../pkg/exchange/simulated/server/rest.ts';
import { VenueRejection } from '../../../pkg/exchange/simulated/venue/rejection.ts';
import { keysOf, type FleetWorld } from './fleet-world.ts';

type Act = 'close' | 'cancel-rung' | 'cancel-profit' | 'cancel-stop' | 'own-order';
const ACTS: readonly Act[] = ['close', 'cancel-rung', 'cancel-profit', 'cancel-stop', 'own-order'];

/** Does one thing by hand, if there is a position to do it with. */
export function actAsUser(world: FleetWorld, random: Random): void {
  const { state } = world.venue;
  const [accountId] = world.accounts;
  if (accountId === undefined) return;
  const key = keysOf(accountId).apiKey;
  const held = [...state.positionsOf(key)];
  const position = held[random.integer(Math.max(1, held.length))];
  if (position === undefined) return;
  const act = ACTS[random.integer(ACTS.length)] ?? 'close';
  const ofPosition = [...state.openOrdersOf(key)].filter(
    (order) => order.symbol === position.symbol && order.positionSide === position.side,
  );
  switch (act) {
    case 'close':
      call(world, key, 'POST /fapi/v1/order', {
        symbol: position.symbol,
        side: isLong(position) ? 'SELL' : 'BUY',
        positionSide: position.side,
        type: 'MARKET',
        quantity: position.amount.replace('-', ''),
      });
      return;
    case 'cancel-rung':
      cancel(
        world,
        key,
        ofPosition.find((order) => (order.side === 'BUY') === isLong(position)),
      );
      return;
    case 'cancel-profit':
      cancel(
        world,
        key,
        ofPosition.find((order) => (order.side === 'BUY') !== isLong(position)),
      );
      return;
    case 'cancel-stop': {
      const stop = [...state.openAlgosOf(key)].find(
        (algo) => algo.symbol === position.symbol && algo.positionSide === position.side,
      );
      if (stop === undefined) return;
      world.losses.note(
        {
          account: key,
          symbol: position.symbol,
          side: position.side,
          clientId: stop.clientAlgoId,
        },
        Math.floor(world.clock.nowMs()),
      );
      call(world, key, 'DELETE /fapi/v1/algoOrder', { algoId: String(stop.algoId) });
      return;
    }
    case 'own-order': {
      // Far from the price, so that it never fills.
      const mark = world.venue.runtime.venue.quote(
        position.symbol,
        Math.floor(world.clock.nowMs()),
      );
      const price = mark.bid.times(isLong(position) ? 0.9 : 1.1);
      call(world, key, 'POST /fapi/v1/order', {
        symbol: position.symbol,
        side: isLong(position) ? 'BUY' : 'SELL',
        positionSide: position.side,
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: position.amount.replace('-', ''),
        price: price.toPrecision(4),
      });
    }
  }
}

function isLong({ side }: PositionRow): boolean {
  return side === 'LONG';
}

function cancel(world: FleetWorld, key: string, order: OrderRow | undefined): void {
  if (order === undefined) return;
  const { symbol, orderId } = order;
  call(world, key, 'DELETE /fapi/v1/order', { symbol, orderId: String(orderId) });
}

/** What the venue refuses a person is his to read. */
function call(
  { venue, clock }: FleetWorld,
  key: string,
  name: string,
  parameters: Readonly<Record<string, string>>,
): void {
  const { runtime, state } = venue;
  const endpoint = findEndpoint(name);
  const account = state.get('accounts', key);
  if (endpoint === undefined || account === undefined) throw new Error(`the venue has no ${name}`);
  try {
    runtime.venue.call(endpoint, parameters, account, Math.floor(clock.nowMs()));
  } catch (error) {
    if (!(error instanceof VenueRejection)) throw error;
  } finally {
    runtime.commit();
  }
}
