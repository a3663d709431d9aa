/**
 * The venue of a simulated fleet: the whole of the simulated exchange but its servers.
 *
 * Requests pass its limits, its keys, signatures and receive windows; what they change is looked at before the answer
 * leaves. Frames go to the sockets that hold the account's key.
 */
import type { Clock } from '#pkg/base';
import { createMemorySockets, type MemorySockets } from '#pkg/streams';

import { createFrameFaults } from '../../../pkg/exchange/simulated/faults/frame-faults.ts';
import { createLateCancels } from '../../../pkg/exchange/simulated/faults/late-cancels.ts';
import { createRequestFaults } from '../../../pkg/exchange/simulated/faults/request-faults.ts';
import { createAddressLimits } from '../../../pkg/exchange/simulated/limits/address-limits.ts';
import { createOrderLimits } from '../../../pkg/exchange/simulated/limits/order-limits.ts';
import {
  createConnectionPool,
  createEndpointPools,
} from '../../../pkg/exchange/simulated/limits/window-pool.ts';
import type { MarketChoice } from '../../../pkg/exchange/simulated/market/market-choice.ts';
import { createMovableClock } from '../../../pkg/exchange/simulated/server/movable-clock.ts';
import { createRequestCounts } from '../../../pkg/exchange/simulated/server/request-counts.ts';
import {
  createVenueRuntime,
  type VenueRuntime,
} from '../../../pkg/exchange/simulated/server/venue-runtime.ts';
import {
  ORDERS_PER_10_SECONDS,
  ORDERS_PER_MINUTE,
  WEIGHT_PER_MINUTE,
} from '../../../pkg/exchange/simulated/venue/endpoints/market.ts';
import { VenueState, type Change } from '../../../pkg/exchange/simulated/venue/state.ts';
import { createVenue, type VenueAccount } from '../../../pkg/exchange/simulated/venue/venue.ts';
import type { UserFrame } from '../../../pkg/exchange/simulated/venue/world.ts';

export interface VenueSide {
  readonly runtime: VenueRuntime;
  readonly state: VenueState;
  readonly sockets: MemorySockets;
  /** Lets the price of now meet the orders, and tells the marks to whoever listens. */
  tick(): void;
}

export interface VenueSideOptions {
  readonly seed: string;
  readonly accounts: readonly VenueAccount[];
  readonly market: MarketChoice;
  readonly symbolCount: number;
  /** Time between two prices that candles are read off, ms. */
  readonly sampleMs: number;
  /** Told of what changed, before the answer leaves. */
  readonly onChanges: (changes: readonly Change[]) => void;
  /** Hands a frame on to the user stream with this key, now or later, or never. */
  readonly carry: (deliver: () => void, frame: UserFrame) => void;
}

export function createVenueSide(clock: Clock, options: VenueSideOptions): VenueSide {
  // The venue counts whole milliseconds.
  const venueClock = createMovableClock({ ...clock, nowMs: () => Math.floor(clock.nowMs()) });
  const state = new VenueState();
  const { seed, accounts, market, symbolCount, sampleMs } = options;
  const venue = createVenue(
    state,
    { seed, accounts, market, symbolCount, sampleMs, resumeMarketMs: 0 },
    venueClock.nowMs(),
  );
  const runtime = createVenueRuntime({
    venue,
    clock: venueClock,
    journal: {
      resumeMarketMs: 0,
      append: options.onChanges,
      sync: () => undefined,
      [Symbol.dispose]: () => undefined,
    },
    faults: createRequestFaults(),
    frameFaults: createFrameFaults(venueClock),
    lateCancels: createLateCancels(),
    maintenance: { untilMs: 0 },
    addressLimits: createAddressLimits(WEIGHT_PER_MINUTE),
    orderLimits: createOrderLimits({ '10S': ORDERS_PER_10_SECONDS, '1M': ORDERS_PER_MINUTE }),
    pools: createEndpointPools(),
    connectionPool: createConnectionPool(),
    counts: createRequestCounts(),
  });
  runtime.commit();
  const sockets = createMemorySockets({ clock });
  runtime.onFrames((frames) => {
    for (const frame of frames) sendFrame({ state, sockets }, frame, options.carry);
  });
  return {
    runtime,
    state,
    sockets,
    tick: () => {
      runtime.tick();
      const nowMs = venueClock.nowMs();
      const peers = sockets.peers().filter(({ url }) => url.includes('markPrice'));
      if (peers.length === 0) return;
      const text = marksAt(runtime, nowMs);
      for (const peer of peers) peer.send(text);
    },
  };
}

function sendFrame(
  { state, sockets }: Pick<VenueSide, 'state' | 'sockets'>,
  frame: UserFrame,
  carry: VenueSideOptions['carry'],
): void {
  const text = JSON.stringify(frame.payload);
  const expired = frame.payload['listenKey'];
  for (const peer of sockets.peers()) {
    const listenKey = /\/ws\/(.+)$/u.exec(peer.url)?.[1];
    if (listenKey === undefined) continue;
    const isMeant = state.get('listenKeys', listenKey)?.account === frame.account;
    if (isMeant || listenKey === expired) carry(() => peer.send(text), frame);
  }
}

/** The marks of all symbols, just as the venue's own stream words them. */
function marksAt({ venue }: VenueRuntime, nowMs: number): string {
  const rows = venue.symbols.map((symbol) => {
    const mark = venue.market.priceAt(symbol, nowMs).toFixed(8);
    return `{"e":"markPriceUpdate","E":${nowMs},"s":"${symbol}","p":"${mark}","ap":"${mark}","P":"${mark}","i":"${mark}","r":"0.00010000","T":0,"st":1}`;
  });
  return `{"stream":"!markPrice@arr@1s","data":[${rows.join(',')}]}`;
}
