/**
 * compose: the processes of the fleet, put together.
 *
 * The only place where adapters are chosen and dependencies meet; each `cmd/` names one function here. It decides
 * nothing about trading and holds no state of its own. Invariants: a process prints its health port first, waits for
 * a core that is still starting, and ends in order when it is asked to or when its launcher is gone.
 */
export { runProcess, type ProcessBase, type ProcessRole } from './process.ts';
export {
  composeDispatcher,
  composeMarketStream,
  composeScheduler,
  composeUserStream,
  composeWeb,
  composeWorker,
  runMigrate,
} from './roles.ts';
