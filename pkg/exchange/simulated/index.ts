/**
 * simulated: a USD-M venue that speaks the real wire protocol, so that no client can tell.
 *
 * A pure state machine (`venue/`) on an exogenous seeded market (`market/`), behind HTTP and WebSocket
 * (`server/`), metered by source address and account (`limits/`), journaled before each answer
 * (`journal/`), with an admin port for figures and faults (`admin/`) and an indicator provider on the
 * same candles (`taapi/`). Orders meet a book with depth and with each other, but never move the market's
 * own price. Every wallet is the sum of its incomes and every position the sum of its trades; who has no
 * margin left is liquidated and never owes. Same seed, same prices by market time.
 */
export type { FaultRequest } from './admin/admin.ts';
export type { VenueSummary } from './admin/summary.ts';
export { runExchangeSim, type ProcessEdges } from './run-exchange-sim.ts';
export type { ListenAddress } from './server/listen.ts';
export {
  startSimulatedVenue,
  type SimulatedVenue,
  type SimulatedVenueOptions,
  type SimulatedVenueUrls,
} from './start.ts';
export type { VenueAccount } from './venue/venue.ts';
