import { EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatRows } from '../format/output.ts';
import type { ShowOptions } from '../verbs/engine-verbs.ts';
import { FAILURE_COLUMNS, groupFailures } from '../views/failures.ts';
import { withReader } from './with-reader.ts';

const FAILURES_READ = 5_000;

/** `kraite steps failures`: the newest failures by step and error. */
export function runFailures(context: CliContext, options: ShowOptions): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const failed = await store.steps.listSteps({ state: 'failed', limit: FAILURES_READ });
    const groups = groupFailures(failed, context.clock.nowMs());
    const text = formatRows(groups, FAILURE_COLUMNS, options.output, {
      whenEmpty: 'no step has failed',
    });
    writeLine(context.stdout, text);
    return EXIT_OK;
  });
}
