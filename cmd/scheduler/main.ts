/**
 * scheduler: answers each instant of the timetable once, by submitting a workflow.
 *
 * One leads by a lease; a second one stands by. Exit codes: 0 ended in order, 1 crashed, 2 bad configuration.
 */
import { composeScheduler, runProcess } from '#pkg/compose';

await runProcess(process.env, composeScheduler);
