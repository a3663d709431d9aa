/**
 * What was traded: single trades, older ones by id, and aggregates by id or time.
 *
 * Source: the venue's pages "Recent Trades List", "Old Trades Lookup" and "Compressed/Aggregate Trades List"
 * for USD-M futures; at most an hour between the times, or -1127.
 */
import { decimalsOf } from '../filters.ts';
import { optionalInteger, text } from '../parameters.ts';
import { VenueRejection } from '../rejection.ts';
import { aggregate, newestPrints, printsBetween, secondOf, type Print } from '../tape.ts';
import { listedSymbol } from '../world.ts';
import { keyed, limitOf, open, type Endpoint, type EndpointCall } from './endpoint.ts';

const ROWS = { normal: 500, most: 1000 };
const OLD_ROWS = { normal: 100, most: 500 };
const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;

function symbolOf({ world, parameters }: EndpointCall): string {
  return listedSymbol(world, text(parameters, 'symbol')).symbol;
}

function bodyOf(call: EndpointCall, print: Print): unknown {
  const { tickSize } = listedSymbol(call.world, symbolOf(call));
  return {
    id: print.id,
    price: print.price.toFixed(decimalsOf(tickSize)),
    qty: print.quantity.toFixed(),
    quoteQty: print.price.times(print.quantity).toFixed(2),
    time: print.atMs,
    isBuyerMaker: print.isBuyerMaker,
    isRPITrade: false,
  };
}

function recent(call: EndpointCall): unknown {
  const limit = limitOf(call.parameters, ROWS);
  return newestPrints(call.world, symbolOf(call), limit).map((print) => bodyOf(call, print));
}

function old(call: EndpointCall): unknown {
  const limit = limitOf(call.parameters, OLD_ROWS);
  const fromId = optionalInteger(call.parameters, 'fromId');
  const symbol = symbolOf(call);
  const prints =
    fromId === undefined
      ? newestPrints(call.world, symbol, limit)
      : printsFrom(call, symbol, fromId, limit);
  return prints.slice(0, limit).map((print) => bodyOf(call, print));
}

function printsFrom(
  { world }: EndpointCall,
  symbol: string,
  fromId: number,
  count: number,
): readonly Print[] {
  const fromMs = secondOf(fromId);
  const toMs = fromMs + (count + 1) * SECOND_MS;
  return printsBetween(world, symbol, fromMs, toMs).filter((print) => print.id >= fromId);
}

function aggregates(call: EndpointCall): unknown {
  const { world, parameters } = call;
  const symbol = symbolOf(call);
  const { tickSize } = listedSymbol(world, symbol);
  const rows = aggregate(chosenPrints(call, symbol));
  const limit = limitOf(parameters, ROWS);
  const isNewest =
    optionalInteger(parameters, 'fromId') === undefined &&
    optionalInteger(parameters, 'startTime') === undefined;
  return (isNewest ? rows.slice(-limit) : rows.slice(0, limit)).map((row) => ({
    a: row.id,
    p: row.price.toFixed(decimalsOf(tickSize)),
    q: row.quantity.toFixed(),
    f: row.id,
    l: row.lastId,
    T: row.atMs,
    m: row.isBuyerMaker,
  }));
}

function chosenPrints(call: EndpointCall, symbol: string): readonly Print[] {
  const { world, parameters } = call;
  const limit = limitOf(parameters, ROWS);
  const fromId = optionalInteger(parameters, 'fromId');
  const startMs = optionalInteger(parameters, 'startTime');
  const endMs = optionalInteger(parameters, 'endTime');
  if (startMs !== undefined && endMs !== undefined) {
    if (startMs > endMs) throw new VenueRejection('-1023');
    if (endMs - startMs > HOUR_MS) {
      const words = 'Lookup interval is too big. More than 1 hours between startTime and endTime.';
      throw new VenueRejection('-1127', words);
    }
  }
  if (fromId !== undefined) return printsFrom(call, symbol, fromId, limit);
  const toMs = endMs ?? (startMs === undefined ? world.nowMs : startMs + limit * SECOND_MS);
  const fromMs = startMs ?? toMs - limit * SECOND_MS;
  return printsBetween(world, symbol, fromMs, toMs);
}

export const TAPE_ENDPOINTS: readonly Endpoint[] = [
  open('/fapi/v1/trades', 5, recent),
  keyed('GET', '/fapi/v1/historicalTrades', 20, old),
  open('/fapi/v1/aggTrades', 20, aggregates),
];
