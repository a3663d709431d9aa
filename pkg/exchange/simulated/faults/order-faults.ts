/** Carries out what was ordered at the admin port, by a script or on the command line: wire, streams, markets, keys. */
import { Decimal, type Clock } from '#pkg/base';
import type { Streams } from '../streams/streams.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { delistSymbol, renameSymbol } from '../venue/settlement.ts';
import { listingOf, meta, originOf } from '../venue/world.ts';
import type { FaultRequest } from './fault-request.ts';

export interface FaultDesk {
  /** Orders the faults; returns what is wrong with them, and then nothing was ordered. */
  order(request: FaultRequest): string | undefined;
  describe(): unknown;
}

/** Returns the one place where faults are ordered. */
export function createFaultDesk(runtime: VenueRuntime, streams: Streams): FaultDesk {
  let cancels: (() => void)[] = [];

  function carryOut(request: FaultRequest): void {
    if (request.clear === true) {
      runtime.faults.clear();
      runtime.frameFaults.clear();
      runtime.lateCancels.clear();
      for (const cancel of cancels) cancel();
      cancels = [];
    }
    runtime.faults.order(request);
    runtime.frameFaults.order(request);
    orderStreams(runtime, streams, request);
    orderAccess(runtime, streams, request);
    orderMarket(runtime, streams, request);
    runtime.commit();
  }

  return {
    order: (request) => {
      const mistake =
        mistakeIn(runtime, request) ??
        request.script?.map(({ order }) => mistakeIn(runtime, order)).find((each) => each);
      if (mistake !== undefined) return mistake;
      carryOut(request);
      cancels.push(...schedule(runtime.clock, request.script ?? [], carryOut));
      return undefined;
    },
    describe: () => ({
      ...runtime.faults.describe(),
      frames: runtime.frameFaults.describe().waiting,
      scripted: cancels.length,
    }),
  };
}

function schedule(
  clock: Clock,
  script: NonNullable<FaultRequest['script']>,
  carryOut: (request: FaultRequest) => void,
): readonly (() => void)[] {
  return script.map(({ afterMs, order }) => clock.schedule(afterMs, () => carryOut(order)));
}

function orderStreams(runtime: VenueRuntime, streams: Streams, request: FaultRequest): void {
  if (request.closeUserStreams === true) streams.close('user');
  if (request.closeStreams !== undefined) streams.close(request.closeStreams);
  if (request.silence !== undefined) {
    const { seconds, streams: kind } = request.silence;
    streams.silence(kind, runtime.clock.nowMs() + seconds * 1000);
  }
}

function orderAccess(runtime: VenueRuntime, streams: Streams, request: FaultRequest): void {
  const nowMs = runtime.clock.nowMs();
  if (request.banAddress !== undefined) {
    const { address, seconds } = request.banAddress;
    runtime.addressLimits.ban(address, nowMs + seconds * 1000);
  }
  if (request.maintenance !== undefined) {
    runtime.maintenance.untilMs = nowMs + request.maintenance.seconds * 1000;
    streams.close('*');
  }
  if (request.key === undefined) return;
  const { key, addresses, ...permissions } = request.key;
  const account = runtime.venue.state.get('accounts', key);
  if (account === undefined) return;
  runtime.venue.state.put('accounts', key, {
    ...account,
    addresses: addresses ?? account.addresses,
    permissions: { ...account.permissions, ...permissions },
  });
}

function orderMarket(runtime: VenueRuntime, streams: Streams, request: FaultRequest): void {
  const { venue, clock } = runtime;
  const { depth, movePrice, delist, rename, fillBeforeCancel } = request;
  if (depth !== undefined) venue.depth.setScale(depth.symbol, depth.scale);
  if (fillBeforeCancel !== undefined) {
    runtime.lateCancels.order({ ...fillBeforeCancel, ratio: new Decimal(fillBeforeCancel.ratio) });
  }
  if (movePrice !== undefined) {
    const { ratio, rampMs = 0, holdMs = 0, recoverMs, on = 'all' } = movePrice;
    const symbol = originOf(venue, movePrice.symbol);
    const move = { symbol, ratio, startMs: clock.nowMs(), rampMs, holdMs, recoverMs, on };
    const known = meta({ state: venue.state });
    venue.state.put('meta', 'all', { ...known, moves: [...known.moves, move] });
  }
  if (delist !== undefined) delistSymbol(venue.worldAt(clock.nowMs()), delist.symbol);
  if (rename !== undefined) {
    renameSymbol(venue.worldAt(clock.nowMs()), rename);
    venue.list(rename);
  }
  for (const symbol of [delist?.symbol, rename?.symbol, rename?.to]) {
    if (symbol !== undefined) streams.tellContract(symbol);
  }
}

/** What the schema cannot know: which symbols are listed, and which keys there are. */
function mistakeIn(
  { venue }: VenueRuntime,
  order: Omit<FaultRequest, 'script'>,
): string | undefined {
  const { depth, movePrice, delist, rename, fillBeforeCancel, key } = order;
  for (const named of [depth, movePrice, delist, rename, fillBeforeCancel]) {
    if (named === undefined || venue.symbols.includes(named.symbol)) continue;
    const mayBeAll = named === depth || named === movePrice || named === fillBeforeCancel;
    if (named.symbol !== '*' || !mayBeAll) return `${named.symbol} is not listed`;
  }
  for (const named of [delist, rename]) {
    if (named === undefined) continue;
    if (listingOf(venue, named.symbol).status === 'CLOSE') return `${named.symbol} is delisted`;
  }
  if (rename !== undefined && venue.symbols.includes(rename.to)) {
    return `${rename.to} is listed already; choose another name`;
  }
  if (key !== undefined && venue.state.get('accounts', key.key) === undefined) {
    return `there is no account with the key ${key.key}`;
  }
  return undefined;
}
