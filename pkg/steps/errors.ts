import { FleetError } from '#pkg/base';

/** A workflow is written so that it could never run, or its arguments break their schema. Change the code that wrote it. */
export class WorkflowDefinitionError extends FleetError<'WORKFLOW_DEFINITION'> {
  readonly workflow: string;
  readonly step: string | undefined;

  constructor(options: {
    readonly workflow: string;
    readonly step?: string | undefined;
    readonly problem: string;
    readonly cause?: unknown;
  }) {
    super('WORKFLOW_DEFINITION', 'a workflow is not written correctly', {
      cause: options.cause,
      fields: { workflow: options.workflow, step: options.step, problem: options.problem },
    });
    this.workflow = options.workflow;
    this.step = options.step;
    const where = options.step === undefined ? '' : `, step ${options.step}`;
    this.message = `workflow ${options.workflow}${where}: ${options.problem}`;
  }
}
