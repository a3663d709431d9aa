import type { StepId, WorkflowId } from '#pkg/domain';
import type { StepRow } from '#pkg/store';

/** A slot at work, from the job to the last commit. */
export interface Taking {
  readonly stepId: StepId;
  workflowId: WorkflowId | undefined;
}

/** What a worker holds: jobs that it reserved, and workflows whose steps it runs. */
export interface Takings {
  count(): number;
  hold(taking: Taking): void;
  letGo(taking: Taking): void;
  /** True for a row that some slot works for. */
  isHandled(row: StepRow): boolean;
}

/** Returns an empty set; `onChange` is called after each change. */
export function createTakings(onChange: () => void): Takings {
  const takings = new Set<Taking>();
  return {
    count: () => takings.size,
    hold: (taking) => {
      takings.add(taking);
      onChange();
    },
    letGo: (taking) => {
      takings.delete(taking);
      onChange();
    },
    isHandled: (row) =>
      [...takings].some(
        ({ stepId, workflowId }) => stepId === row.id || workflowId === row.workflowId,
      ),
  };
}
