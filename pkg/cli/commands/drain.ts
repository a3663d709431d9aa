import { callSupervisor } from '#pkg/local';
import type { StepRow, Store } from '#pkg/store';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import type { DrainOptions } from '../verbs/box-verbs.ts';
import { withLongReader } from './with-reader.ts';

const WAIT_MS_DEFAULT = 20 * 60_000;
const LOOK_MS = 250;
const SAY_MS = 2_000;
const ROWS_MAX = 1_000;
const NAMED_MAX = 5;
/** A worker that was silent so long runs nothing: its steps are taken over. */
const SILENT_MS_MIN = 5_000;

/** `kraite drain [BOXES]`: 0 once nothing runs there, 1 when the wait is over first. */
export async function runDrain(
  context: CliContext,
  wanted: readonly string[],
  options: DrainOptions,
): Promise<number> {
  return withLongReader(context, options.state, async ({ store }, runtime) => {
    const boxes: string[] = [];
    await callSupervisor(runtime, {
      verb: 'drain-boxes',
      argument: { boxes: wanted, isDraining: options.undo !== true },
      onSay: (box) => void boxes.push(box),
    });
    if (options.undo === true) {
      writeLine(context.stdout, `taking work again: ${boxes.join(', ')}`);
      return EXIT_OK;
    }
    return untilDrained(context, store, { boxes, waitMs: options.wait ?? WAIT_MS_DEFAULT });
  });
}

async function untilDrained(
  context: CliContext,
  store: Store,
  { boxes, waitMs }: { readonly boxes: readonly string[]; readonly waitMs: number },
): Promise<number> {
  const { clock, interrupt } = context;
  const names = boxes.join(', ');
  const untilMs = clock.monotonicMs() + waitMs;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const blockers = await readBlockers(store, boxes);
    if (blockers.length === 0) {
      writeLine(context.stdout, `drained: ${names}; nothing runs there`);
      return EXIT_OK;
    }
    const isOver = clock.monotonicMs() >= untilMs || interrupt.requested.aborted;
    if (isOver || clock.monotonicMs() - saidAtMs >= SAY_MS) {
      saidAtMs = clock.monotonicMs();
      const rest = blockers.length - NAMED_MAX;
      const more = rest > 0 ? ` and ${rest} more` : '';
      const shown = `${blockers.slice(0, NAMED_MAX).join(', ')}${more}`;
      writeLine(isOver ? context.stderr : context.stdout, `waits for ${shown}`);
    }
    if (isOver) {
      writeLine(context.stderr, `draining goes on: ${names}; kraite drain --undo ends it`);
      return EXIT_FAILED;
    }
    await clock.sleep(LOOK_MS, interrupt.requested);
  }
}

/** Returns what still keeps the boxes from being drained, in words. */
async function readBlockers(store: Store, boxes: readonly string[]): Promise<readonly string[]> {
  const [workers, running, ready] = await Promise.all([
    store.workers.list(),
    store.steps.listSteps({ state: 'running', limit: ROWS_MAX }),
    store.steps.listSteps({ state: 'ready', limit: ROWS_MAX }),
  ]);
  const meant = workers.filter(
    ({ box, lanes, beatAgeMs }) =>
      boxes.includes(box) && lanes.length > 0 && beatAgeMs < SILENT_MS_MIN,
  );
  const ids = new Set(meant.map(({ workerId }) => workerId));
  const nameOf = ({ name, id, workerId, box }: StepRow): string =>
    `${name} ${id} on ${meant.find((row) => row.workerId === workerId)?.box ?? box ?? ''}`;
  return [
    ...meant
      .filter(({ state }) => state !== 'draining')
      .map(({ process }) => `${process} to hear of it`),
    ...running.filter(({ workerId }) => workerId !== undefined && ids.has(workerId)).map(nameOf),
    ...ready
      .filter(({ lane, box }) => lane === 'own' && box !== undefined && boxes.includes(box))
      .map(nameOf),
  ];
}
