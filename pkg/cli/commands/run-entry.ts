import { MODES, readMode, type Mode } from '#pkg/modes';
import { scheduleKeyOf } from '#pkg/schedule';
import { TIMETABLE } from '#pkg/trade';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import type { RunEntryOptions } from '../verbs/operating-verbs.ts';
import { submitterOf } from './mode.ts';
import { withReader } from './with-reader.ts';

/** `kraite schedule run ENTRY`: 1 when a mode holds it or its last run has not ended. */
export async function runEntry(
  context: CliContext,
  name: string,
  options: RunEntryOptions,
): Promise<number> {
  const { clock } = context;
  const entry = TIMETABLE.find((each) => each.name === name);
  if (entry === undefined) {
    const names = TIMETABLE.map((each) => each.name).join(', ');
    throw new UsageError(`the timetable has no entry ${name}; it has ${names}`);
  }
  return withReader(context, options.state, async (reader) => {
    const { store } = reader;
    const nowMs = clock.nowMs();
    const mode = await readMode(store.settings, nowMs);
    if (entry.heldIn.includes(mode.name)) {
      const { reason }: Mode = MODES[mode.name];
      writeLine(
        context.stderr,
        `${name} is held: ${reason ?? mode.name} (mode ${mode.name}: ${mode.why})`,
      );
      return EXIT_FAILED;
    }
    const key = { dedupeKey: scheduleKeyOf(name) };
    const submission = await submitterOf(context, reader)(entry.workflow, undefined, key);
    if (submission.kind === 'duplicate') {
      writeLine(
        context.stderr,
        `${name} is held: LastRunUnfinished (workflow ${submission.workflowId})`,
      );
      return EXIT_FAILED;
    }
    await store.scheduleRuns.begin(name, nowMs, nowMs);
    await store.scheduleRuns.finish(name, nowMs, { result: 'submitted', reason: undefined, nowMs });
    writeLine(context.stdout, `${name} runs as workflow ${submission.workflowId}`);
    return EXIT_OK;
  });
}
