/**
 * compose: the processes of the fleet, put together.
 *
 * The only place where adapters are chosen and dependencies meet; each `cmd/` names one function here. It decides
 * nothing about trading and holds no state of its own. Invariants: a process prints its health port first, waits for
 * a core that is still starting, and ends in order when it is asked to or when its launcher is gone.
 */
export { composeDispatcher } from './dispatcher.ts';
export { composeMarketStream } from './market-stream.ts';
export { runProcess, type ProcessBase, type ProcessRole } from './process.ts';
export { composeScheduler } from './scheduler.ts';
export { composeUserStream } from './user-stream.ts';
export { composeWeb } from './web.ts';
export { composeWorker } from './worker.ts';
