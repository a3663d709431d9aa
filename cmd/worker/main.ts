/**
 * worker: takes steps from the lanes of its box and runs their handlers.
 *
 * Stateless and safe to kill at any instruction: a step whose lease lapses runs again elsewhere.
 * Exit codes: 0 ended in order, 1 crashed, 2 bad configuration.
 */
import { composeWorker, runProcess } from '#pkg/compose';

await runProcess(process.env, composeWorker);
