/**
 * simulated: a USD-M venue that speaks the real wire protocol, so that no client can tell.
 *
 * A pure state machine (`venue/`) on an exogenous seeded market (`market/`), behind HTTP (`server/`), streams
 * (`streams/`) and the WebSocket API for orders (`ws-api/`), metered by source address and account (`limits/`),
 * journaled before each answer (`journal/`), with faults on order (`faults/`) over an admin port (`admin/`) and an
 * indicator provider on the same candles (`taapi/`). Orders meet a book with depth and with each other, but never
 * move the market's own price. Every wallet is the sum of its incomes and every position the sum of its trades; who
 * has no margin left is liquidated and never owes. Same seed, same prices by market time; same fault plan, same
 * faults by count of requests.
 */
export { createVenueAdmin, type VenueAdmin } from './admin/admin-client.ts';
export type { StateDump } from './admin/state-dump.ts';
export type { VenueSummary } from './admin/summary.ts';
export type { FaultRequest } from './faults/fault-request.ts';
export { runExchangeSim, type ProcessEdges } from './run-exchange-sim.ts';
export type { ListenAddress } from './server/listen.ts';
export {
  startSimulatedVenue,
  type SimulatedVenue,
  type SimulatedVenueOptions,
  type SimulatedVenueUrls,
} from './start.ts';
export { makeSelfSigned } from './tls/self-signed.ts';
export type { VenueAccount } from './venue/venue.ts';
