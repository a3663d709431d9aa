/** Composition of the simulated venue: journal, state machine, wire, admin port, indicator provider. */
import type { RequestListener } from 'node:http';
import { createSystemClock, FleetError, type Clock } from '#pkg/base';
import { createAdminHandler } from './admin/admin.ts';
import type { FaultRequest } from './faults/fault-request.ts';
import { createFrameFaults } from './faults/frame-faults.ts';
import { createLateCancels } from './faults/late-cancels.ts';
import { createFaultDesk } from './faults/order-faults.ts';
import { createRequestFaults } from './faults/request-faults.ts';
import { createForgetfulJournal, JournalError, openJournal } from './journal/journal.ts';
import { marketName, type MarketChoice } from './market/market-choice.ts';
import { readReplay } from './market/replay.ts';
import { createAddressLimits } from './limits/address-limits.ts';
import { createOrderLimits } from './limits/order-limits.ts';
import { createConnectionPool, createEndpointPools } from './limits/window-pool.ts';
import { bindServer, type BoundServer, type ListenAddress } from './server/listen.ts';
import { createMovableClock } from './server/movable-clock.ts';
import { createRequestCounts } from './server/request-counts.ts';
import { handleRest } from './server/rest.ts';
import { createVenueRuntime, type VenueRuntime } from './server/venue-runtime.ts';
import { createStreams } from './streams/streams.ts';
import { createProviderHandler } from './taapi/provider.ts';
import type { RequestWindow } from './taapi/request-log.ts';
import { makeSelfSigned } from './tls/self-signed.ts';
import {
  ORDERS_PER_10_SECONDS,
  ORDERS_PER_MINUTE,
  WEIGHT_PER_MINUTE,
} from './venue/endpoints/market.ts';
import { VenueState } from './venue/state.ts';
import { createVenue, type VenueAccount } from './venue/venue.ts';

const TICK_MS = 250;
const TICKS_PER_SECOND = 1000 / TICK_MS;

export interface SimulatedVenueOptions {
  readonly accounts: readonly VenueAccount[];
  /** One or more addresses for REST and streams; default 127.0.0.1 with a free port. */
  readonly listen?: readonly ListenAddress[];
  readonly adminListen?: ListenAddress;
  /** No indicator provider without it. */
  readonly taapi?: {
    readonly listen: ListenAddress;
    readonly secret: string;
    /** How the provider counts its 75 requests in 15 s; sliding when absent. */
    readonly window?: RequestWindow;
  };
  /** Names the market; the state folder's own seed wins when there is one. Default `kraite`. */
  readonly seed?: string;
  /** Folder of the journal; without it the venue forgets everything at its end. */
  readonly stateFolder?: string;
  readonly clock?: Clock;
  /** How many symbols are listed; 26 when absent. */
  readonly symbolCount?: number;
  /** REST and sockets over TLS, with a certificate made at the start for these names and addresses. */
  readonly tls?: { readonly hosts: readonly string[] };
  /** Faults in place from the start. */
  readonly faults?: FaultRequest;
  readonly limits?: {
    /** Attempts of an address to open a WebSocket in five minutes; 300 when absent. */
    readonly connectionsPer5Minutes?: number;
  };
  /** Where prices come from; `lively` when absent. */
  readonly market?: 'lively' | 'regimes';
  /** Folder of recorded candles that are replayed instead, in the form of the venue's public kline files. */
  readonly replayFolder?: string;
}

export interface SimulatedVenueUrls {
  /** Base of REST paths: `http://127.0.0.1:9090`, to which `/fapi/v1/…` is added. */
  readonly rest: string;
  readonly publicStream: string;
  readonly marketStream: string;
  readonly privateStream: string;
  /** The WebSocket API for orders. */
  readonly socketApi: string;
  readonly admin: string;
  readonly taapi: string | undefined;
}

export interface SimulatedVenue extends AsyncDisposable {
  readonly urls: SimulatedVenueUrls;
  readonly seed: string;
  /** The certificate in PEM, where the venue speaks TLS: clients have to trust it. */
  readonly certificate: string | undefined;
  /** The state machine with its limits and faults, for tests in the same process. */
  readonly runtime: VenueRuntime;
}

/** Starts a venue that runs until it is disposed. Throws ListenError, JournalError, ReplayError or FaultError with what to do. */
export async function startSimulatedVenue(options: SimulatedVenueOptions): Promise<SimulatedVenue> {
  await using stack = new AsyncDisposableStack();
  const runtime = createRuntime(options, stack);
  const streams = stack.use(createStreams(runtime));
  const desk = createFaultDesk(runtime, streams);
  const mistake = options.faults === undefined ? undefined : desk.order(options.faults);
  if (mistake !== undefined) throw new FaultError(mistake);
  const identity = options.tls === undefined ? undefined : makeIdentity(options.tls, runtime.clock);
  const listen = options.listen ?? [{ host: '127.0.0.1', port: 0 }];
  const servers: BoundServer[] = [];
  for (const address of listen) {
    const answer: RequestListener = (request, response) => {
      void handleRest(runtime, request, response);
    };
    const bound = stack.use(await bindServer(address, answer, identity));
    bound.server.on('upgrade', (request, socket, head) => streams.upgrade(request, socket, head));
    servers.push(bound);
  }
  const admin = stack.use(
    await bindServer(
      options.adminListen ?? { host: '127.0.0.1', port: 0 },
      createAdminHandler({ runtime, streams, desk }),
    ),
  );
  const provider = await startProvider(runtime, options, stack);
  keepTime(runtime, () => streams.beat(), stack);
  const authority = servers[0]?.authority ?? '';
  const [web, socket] = identity === undefined ? ['http', 'ws'] : ['https', 'wss'];
  const parts = stack.move();
  return {
    urls: {
      rest: `${web}://${authority}`,
      publicStream: `${socket}://${authority}/public`,
      marketStream: `${socket}://${authority}/market`,
      privateStream: `${socket}://${authority}/private`,
      socketApi: `${socket}://${authority}/ws-fapi/v1`,
      admin: `http://${admin.authority}`,
      taapi: provider === undefined ? undefined : `http://${provider.authority}`,
    },
    seed: runtime.venue.market.seed,
    certificate: identity?.cert,
    runtime,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The faults that were asked for from the start make no sense; the message says why. */
export class FaultError extends FleetError<'VENUE_FAULTS'> {
  constructor(mistake: string) {
    super('VENUE_FAULTS', `the faults are not valid: ${mistake}`);
  }
}

function makeIdentity(
  { hosts }: { readonly hosts: readonly string[] },
  clock: Clock,
): { readonly cert: string; readonly key: string } {
  const { chain, privateKey } = makeSelfSigned(hosts, { nowMs: clock.nowMs(), days: 365 });
  return { cert: chain, key: privateKey };
}

async function startProvider(
  runtime: VenueRuntime,
  options: SimulatedVenueOptions,
  stack: AsyncDisposableStack,
): Promise<BoundServer | undefined> {
  const wanted = options.taapi;
  if (wanted === undefined) return undefined;
  const { market, symbols } = runtime.venue;
  const handler = createProviderHandler(
    { market, symbols, clock: runtime.clock },
    { secret: wanted.secret, window: wanted.window ?? 'sliding' },
  );
  return stack.use(await bindServer(wanted.listen, handler));
}

function createRuntime(options: SimulatedVenueOptions, stack: AsyncDisposableStack): VenueRuntime {
  const clock = createMovableClock(options.clock ?? createSystemClock());
  const state = new VenueState();
  const journal = stack.use(
    options.stateFolder === undefined
      ? createForgetfulJournal()
      : openJournal(options.stateFolder, state),
  );
  // A venue whose time was moved on does not fall back when it starts again.
  clock.move(state.get('meta', 'all')?.aheadMs ?? 0);
  const market = chooseMarket(options, state);
  const venue = createVenue(
    state,
    {
      market,
      seed: options.seed ?? 'kraite',
      accounts: options.accounts,
      resumeMarketMs: journal.resumeMarketMs,
      ...(options.symbolCount === undefined ? {} : { symbolCount: options.symbolCount }),
    },
    clock.nowMs(),
  );
  const runtime = createVenueRuntime({
    venue,
    clock,
    journal,
    faults: createRequestFaults(),
    frameFaults: createFrameFaults(clock),
    lateCancels: createLateCancels(),
    maintenance: { untilMs: 0 },
    addressLimits: createAddressLimits(WEIGHT_PER_MINUTE),
    orderLimits: createOrderLimits({ '10S': ORDERS_PER_10_SECONDS, '1M': ORDERS_PER_MINUTE }),
    pools: createEndpointPools(),
    connectionPool: createConnectionPool(options.limits?.connectionsPer5Minutes),
    counts: createRequestCounts(),
  });
  runtime.commit();
  return runtime;
}

/** A state folder goes on with the market that it began with: old candles would not fit another. */
function chooseMarket(options: SimulatedVenueOptions, state: VenueState): MarketChoice {
  const choice =
    options.replayFolder === undefined
      ? (options.market ?? 'lively')
      : readReplay(options.replayFolder);
  const before = state.get('meta', 'all')?.market ?? marketName(choice);
  if (before === marketName(choice)) return choice;
  throw new JournalError(
    `the state folder ${options.stateFolder ?? ''} began with a market of prices "${before}", not ` +
      `"${marketName(choice)}"; ask for that one again, or choose another folder`,
  );
}

/** Of some ms each: 600 symbols are ready after a minute, and no request of the first seconds waits for them. */
const HISTORIES_PER_TICK = 3;

/** Ticks the market and speaks to the streams four times a second; syncs the journal once a second. */
function keepTime(runtime: VenueRuntime, everyTick: () => void, stack: AsyncDisposableStack): void {
  let ticks = 0;
  let cancel = runtime.clock.schedule(TICK_MS, beat);
  function beat(): void {
    cancel = runtime.clock.schedule(TICK_MS, beat);
    runtime.tick();
    runtime.venue.market.prepare(HISTORIES_PER_TICK);
    everyTick();
    ticks += 1;
    if (ticks % TICKS_PER_SECOND === 0) runtime.sync();
  }
  stack.defer(() => {
    cancel();
    runtime.counts.flush(runtime.venue.state);
    runtime.commit();
  });
}
