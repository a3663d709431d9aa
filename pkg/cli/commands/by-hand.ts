import { id, type StepId, type WorkflowId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createBullmqQueues } from '#pkg/queues';
import { actByHand, type HandAction } from '#pkg/steps';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { personOf } from '../person.ts';
import type { HandOptions } from '../verbs/engine-verbs.ts';
import { withReader } from './with-reader.ts';

/** One fleet has its private Redis, so all fleets use the same first part of keys. */
const NAMESPACE = 'kraite';

const DONE: Readonly<Record<HandAction, string>> = {
  retry: 'begins again',
  cancel: 'is canceled',
  skip: 'is skipped',
};

/** `kraite steps|workflows retry|cancel|skip ID`: 1 when it is refused, with the reason. */
export async function runByHand(
  context: CliContext,
  deed: {
    readonly kind: 'steps' | 'workflows';
    readonly action: HandAction;
    readonly target: string;
  },
  options: HandOptions,
): Promise<number> {
  const { clock } = context;
  const logger = createSilentLogger();
  const { kind, action, target } = deed;
  return withReader(context, options.state, async ({ store }, runtime) => {
    const [row] =
      kind === 'steps' ? await store.steps.listSteps({ id: id<StepId>(target), limit: 1 }) : [];
    if (kind === 'steps' && row === undefined) {
      writeLine(context.stderr, `no step has the id ${target}; an archived one cannot be changed`);
      return EXIT_FAILED;
    }
    const queues = createBullmqQueues({
      url: runtime.redisUrl,
      namespace: NAMESPACE,
      name: 'kraite-by-hand',
      logger,
    });
    try {
      const done = await actByHand(
        { steps: store.steps, events: store.events, queues, clock, logger },
        action,
        row === undefined
          ? { workflowId: id<WorkflowId>(target) }
          : { workflowId: row.workflowId, stepId: row.id },
        { who: personOf(context), why: options.reason },
      );
      if (done.kind === 'refused') {
        writeLine(context.stderr, `refused: ${done.problem}`);
        return EXIT_FAILED;
      }
      const what = row === undefined ? done.workflow : `${row.name} of ${done.workflow}`;
      writeLine(context.stdout, `${what} ${DONE[action]}`);
      return EXIT_OK;
    } finally {
      await queues[Symbol.asyncDispose]();
    }
  });
}
