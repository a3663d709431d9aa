import { id, type WorkflowId } from '#pkg/domain';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import type { ShowOptions } from '../verbs/engine-verbs.ts';
import { describeTree, treeView } from '../views/workflow-tree.ts';
import { withReader } from './with-reader.ts';

/** `kraite workflows show ID`: 1 when there is none. */
export function runShow(
  context: CliContext,
  target: string,
  options: ShowOptions,
): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const tree = await store.steps.findTree(id<WorkflowId>(target));
    if (tree === undefined) {
      writeLine(context.stderr, `no workflow has the id ${target}`);
      return EXIT_FAILED;
    }
    const view = treeView(tree, context.clock.nowMs());
    writeLine(
      context.stdout,
      formatObject(view, options.output, () => describeTree(view)),
    );
    return EXIT_OK;
  });
}
