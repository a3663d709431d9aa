/**
 * steps: the durable engine.
 *
 * Rows are the truth and a queue is only the way to a worker. Completing a step, writing its children and
 * promoting what became ready is one transaction in the worker that finished it. It is not a scheduler
 * (see schedule) and knows no trading word. `tree/` decides (pure), `worker/` runs handlers, `dispatcher/`
 * admits, wakes, recovers and sweeps. Invariants: only one run's outcome counts; nothing starts before the row
 * of the step before it is committed; a workflow that could never end is refused when it is written.
 */
export {
  defineStep,
  defineWorkflow,
  implementStep,
  planStep,
  type PlannedStep,
  type RetryPolicy,
  type StepContext,
  type StepDefinition,
  type StepHandler,
  type StepOutcome,
  type Submission,
  type SubmitOptions,
  type SubmitWorkflow,
  type WorkflowDefinition,
} from './definition.ts';
export {
  createDispatcher,
  createStandbyCaretaker,
  DISPATCHER_LEASE,
  type Dispatcher,
  type DispatcherDependencies,
} from './dispatcher/dispatcher.ts';
export type { AdmissionGate } from './dispatcher/admission.ts';
export type { CaretakerMetrics } from './dispatcher/caretaker.ts';
export { startRounds, type Rounds } from './dispatcher/rounds.ts';
export { readEngineWaits, type EngineWait, type EngineWaits } from './engine-waits.ts';
export { actByHand, beginByHand, type HandAction, type HandResult } from './operate.ts';
export { planBlock, type BlockContext } from './plan-rows.ts';
export { createSubmitter, type SubmitterDependencies } from './submit.ts';
export {
  createHeartbeat,
  PRESENCE_BEAT_MS,
  PRESENCE_TTL_MS,
  type Heartbeat,
  type HeartbeatDependencies,
} from './worker/heartbeat.ts';
export type { LaneGate, LaneSlots } from './worker/lanes.ts';
export {
  createStepWorker,
  type StepWorker,
  type StepWorkerDependencies,
  type WorkerMetrics,
  type WorkerOrders,
} from './worker/step-worker.ts';
