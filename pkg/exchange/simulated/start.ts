/** Composition of the simulated venue: journal, state machine, wire, admin port, indicator provider. */
import { createSystemClock, type Clock } from '#pkg/base';
import { createAdminHandler } from './admin/admin.ts';
import { createForgetfulJournal, openJournal } from './journal/journal.ts';
import { createAddressLimits, createFundingPool } from './limits/address-limits.ts';
import { createOrderLimits } from './limits/order-limits.ts';
import { createFaults } from './server/faults.ts';
import { bindServer, type BoundServer, type ListenAddress } from './server/listen.ts';
import { createRequestCounts } from './server/request-counts.ts';
import { handleRest } from './server/rest.ts';
import { createStreams } from './server/streams.ts';
import { createVenueRuntime, type VenueRuntime } from './server/venue-runtime.ts';
import { createProviderHandler } from './taapi/provider.ts';
import type { RequestWindow } from './taapi/request-log.ts';
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
}

export interface SimulatedVenueUrls {
  /** Base of REST paths: `http://127.0.0.1:9090`, to which `/fapi/v1/…` is added. */
  readonly rest: string;
  readonly publicStream: string;
  readonly marketStream: string;
  readonly privateStream: string;
  readonly admin: string;
  readonly taapi: string | undefined;
}

export interface SimulatedVenue extends AsyncDisposable {
  readonly urls: SimulatedVenueUrls;
  readonly seed: string;
  /** The state machine with its limits and faults, for tests in the same process. */
  readonly runtime: VenueRuntime;
}

/** Starts a venue that runs until it is disposed. Throws ListenError or JournalError with what to do. */
export async function startSimulatedVenue(options: SimulatedVenueOptions): Promise<SimulatedVenue> {
  await using stack = new AsyncDisposableStack();
  const runtime = createRuntime(options, stack);
  const streams = stack.use(createStreams(runtime));
  const listen = options.listen ?? [{ host: '127.0.0.1', port: 0 }];
  const servers: BoundServer[] = [];
  for (const address of listen) {
    const bound = stack.use(
      await bindServer(address, (request, response) => {
        void handleRest(runtime, request, response);
      }),
    );
    bound.server.on('upgrade', (request, socket, head) => streams.upgrade(request, socket, head));
    servers.push(bound);
  }
  const admin = stack.use(
    await bindServer(
      options.adminListen ?? { host: '127.0.0.1', port: 0 },
      createAdminHandler(runtime, streams),
    ),
  );
  const provider = await startProvider(runtime, options, stack);
  keepTime(runtime, () => streams.sendMarket(), stack);
  const authority = servers[0]?.authority ?? '';
  const parts = stack.move();
  return {
    urls: {
      rest: `http://${authority}`,
      publicStream: `ws://${authority}/public`,
      marketStream: `ws://${authority}/market`,
      privateStream: `ws://${authority}/private`,
      admin: `http://${admin.authority}`,
      taapi: provider === undefined ? undefined : `http://${provider.authority}`,
    },
    seed: runtime.venue.market.seed,
    runtime,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
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
  const clock = options.clock ?? createSystemClock();
  const state = new VenueState();
  const journal = stack.use(
    options.stateFolder === undefined
      ? createForgetfulJournal()
      : openJournal(options.stateFolder, state),
  );
  const venue = createVenue(
    state,
    {
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
    faults: createFaults(),
    addressLimits: createAddressLimits(WEIGHT_PER_MINUTE),
    orderLimits: createOrderLimits({ '10S': ORDERS_PER_10_SECONDS, '1M': ORDERS_PER_MINUTE }),
    fundingPool: createFundingPool(),
    counts: createRequestCounts(),
  });
  runtime.commit();
  return runtime;
}

/** Ticks the market four times a second; once a second it speaks to the streams and syncs the journal. */
function keepTime(
  runtime: VenueRuntime,
  everySecond: () => void,
  stack: AsyncDisposableStack,
): void {
  let ticks = 0;
  let cancel = runtime.clock.schedule(TICK_MS, beat);
  function beat(): void {
    cancel = runtime.clock.schedule(TICK_MS, beat);
    runtime.tick();
    ticks += 1;
    if (ticks % TICKS_PER_SECOND !== 0) return;
    everySecond();
    runtime.sync();
  }
  stack.defer(() => {
    cancel();
    runtime.counts.flush(runtime.venue.state);
    runtime.commit();
  });
}
