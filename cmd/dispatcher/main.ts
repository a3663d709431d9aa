/**
 * dispatcher: admits workflows, wakes delayed steps, recovers abandoned ones, finds lost jobs.
 *
 * One leads by a lease; a second one stands by. Exit codes: 0 ended in order, 1 crashed, 2 bad configuration.
 */
import { composeDispatcher, runProcess } from '#pkg/compose';

await runProcess(process.env, composeDispatcher);
