/**
 * trade: the whole of the trade: the code of every step, every workflow by name, and when they run.
 *
 * Ties signals, selection and lifecycles together where one wakes another: a freed slot and a finished
 * direction pass look at the slots at once. Also the timetable of the trade. It decides nothing itself.
 */
export { createTradeHandlers, type TradeDependencies } from './create-trade-handlers.ts';
export { KNOWN_STEPS } from './known-steps.ts';
export { TIMETABLE } from './timetable.ts';
export type { WorkflowName } from './workflows.ts';
