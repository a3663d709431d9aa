/**
 * steps: the durable engine.
 *
 * Rows are the truth and a queue is only the way to a worker. Completing a step, writing its children and
 * promoting what became ready is one transaction in the worker that finished it. It is not a scheduler
 * (see schedule) and knows no trading word.
 */
export {
  DEFAULT_RETRY,
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
