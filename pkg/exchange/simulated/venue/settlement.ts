/** A symbol leaves the venue: its orders end, its positions are settled at the mark price, nothing new is taken. A renamed one is listed anew. */
import { endAlgo, endOrder, fillOrder } from './fills.ts';
import { openForced } from './forced-orders.ts';
import { positionAmount } from './accounting.ts';
import { nextNumber, nextTradeId, type World } from './world.ts';

/** Delists a symbol. Ids `settlement_autoclose-`: the venue's page "Event: Order Update". */
export function delistSymbol(world: World, symbol: string): void {
  for (const order of world.state.openOrdersIn(symbol).toArray())
    endOrder(world, order, 'CANCELED', 'delisted');
  for (const algo of world.state.openAlgosIn(symbol).toArray()) endAlgo(world, algo, 'EXPIRED');
  const price = world.quote(symbol).mark;
  for (const position of world.state.positionsIn(symbol).toArray()) {
    const id = `settlement_autoclose-${nextNumber(world, 'lastRank')}`;
    const order = openForced(world, position, { id, autoClose: 'SETTLEMENT', price });
    const tradeId = nextTradeId(world);
    const quantity = positionAmount(position).abs();
    fillOrder(world, order, { price, quantity, isMaker: false, tradeId, against: undefined });
  }
  world.state.put('listings', symbol, { symbol, status: 'CLOSE' });
}

/** Delists a symbol and lists it under another name at the same price: how the venue renames a contract. */
export function renameSymbol(
  world: World,
  { symbol, to }: { readonly symbol: string; readonly to: string },
): void {
  delistSymbol(world, symbol);
  world.state.put('listings', to, { symbol: to, status: 'TRADING', renamedFrom: symbol });
}
