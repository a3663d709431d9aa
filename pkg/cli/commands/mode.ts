import { createIdMaker, createSystemRandom } from '#pkg/base';
import { changeMode, describeMode, listCoolingWork, type ModeRequest } from '#pkg/guards';
import type { FleetReader } from '#pkg/local';
import { readMode, type ModeName } from '#pkg/modes';
import { createSilentLogger } from '#pkg/observability';
import { createSubmitter } from '#pkg/steps';
import { KNOWN_STEPS } from '#pkg/trade';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import { personOf } from '../person.ts';
import type { ModeOptions } from '../verbs/operating-verbs.ts';
import { describeModeView, modeView } from '../views/mode.ts';
import { confirmTyped } from './confirm-typed.ts';
import { withLongReader, withReader } from './with-reader.ts';

const LOOK_MS = 500;
const EMPTY_LOOKS = 2;
const WAIT_MS_DEFAULT = 300_000;
/** So many of what still runs are named. */
const NAMED_MAX = 10;

/** `kraite mode`: says which stands. */
export function runShowMode(context: CliContext, options: ModeOptions): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const nowMs = context.clock.nowMs();
    const view = modeView(await readMode(store.settings, nowMs), nowMs);
    writeLine(
      context.stdout,
      formatObject(view, options.output, () => `${describeModeView(view)}\n${view.means}`),
    );
    return EXIT_OK;
  });
}

/** `kraite mode NAME`: 1 when a cooldown or a warm-up did not end in time. */
export async function runSetMode(
  context: CliContext,
  name: ModeName,
  options: ModeOptions,
): Promise<number> {
  const { clock } = context;
  const why =
    options.reason ?? (name === 'normal' || name === 'warm-up' ? 'back to work' : undefined);
  if (why === undefined)
    throw new UsageError(`mode ${name} needs --reason TEXT: it stands beside it`);
  if (options.for !== undefined && (name === 'normal' || name === 'warm-up')) {
    throw new UsageError(`--for has no meaning for ${name}`);
  }
  return withLongReader(context, options.state, async (reader, runtime) => {
    const question = `A freeze stops every step of ${runtime.fleet}: positions keep only the stops that stand at the venue.`;
    const asked = { question, word: runtime.fleet, given: options.confirm };
    if (name === 'freeze' && !(await confirmTyped(context, asked))) {
      writeLine(
        context.stderr,
        `not frozen: a freeze stops protection too; add --confirm ${runtime.fleet} if that is what you mean`,
      );
      return EXIT_FAILED;
    }
    const request: ModeRequest = {
      name,
      by: personOf(context),
      why,
      isForced: options.force ?? false,
      ...(options.for === undefined ? {} : { untilMs: clock.nowMs() + options.for }),
    };
    const standing = await changeMode(
      { store: reader.store, submit: submitterOf(context, reader), clock },
      request,
    );
    writeLine(context.stdout, `mode ${describeMode(standing)}`);
    if (options.force === true) return EXIT_OK;
    const waitMs = options.wait ?? WAIT_MS_DEFAULT;
    if (standing.name === 'cooldown') return untilCool(context, reader, waitMs);
    if (standing.name === 'warm-up') return untilWarm(context, reader, waitMs);
    return EXIT_OK;
  });
}

export function submitterOf({ clock }: CliContext, { store, signals }: FleetReader) {
  const makeId = createIdMaker(clock, createSystemRandom());
  const logger = createSilentLogger();
  const known = KNOWN_STEPS;
  return createSubmitter({ steps: store.steps, signals, clock, makeId, logger, known });
}

async function untilCool(
  context: CliContext,
  { store }: FleetReader,
  waitMs: number,
): Promise<number> {
  const { clock, interrupt } = context;
  const untilMs = clock.monotonicMs() + waitMs;
  let emptyLooks = 0;
  for (;;) {
    const running = await listCoolingWork(store);
    emptyLooks = running.length === 0 ? emptyLooks + 1 : 0;
    // The dispatcher may just have been admitting when the mode was set.
    if (emptyLooks > EMPTY_LOOKS) {
      writeLine(context.stdout, 'cooled down: nothing runs but what protects and closes');
      return EXIT_OK;
    }
    const isLate = clock.monotonicMs() >= untilMs || interrupt.requested.aborted;
    if (isLate && running.length > 0) {
      const names = running.slice(0, NAMED_MAX).map((row) => `${row.name} ${row.id}`);
      writeLine(
        context.stderr,
        `still cooling: ${running.length} workflows run (${names.join(', ')}); the mode stands and they come to their end`,
      );
      return EXIT_FAILED;
    }
    await clock.sleep(LOOK_MS, interrupt.requested);
  }
}

async function untilWarm(
  context: CliContext,
  { store }: FleetReader,
  waitMs: number,
): Promise<number> {
  const { clock, interrupt } = context;
  const untilMs = clock.monotonicMs() + waitMs;
  for (;;) {
    const mode = await readMode(store.settings, clock.nowMs());
    if (mode.name !== 'warm-up') {
      writeLine(context.stdout, `mode ${describeMode(mode)}`);
      return EXIT_OK;
    }
    if (clock.monotonicMs() >= untilMs || interrupt.requested.aborted) {
      writeLine(
        context.stderr,
        'still warming up: the books of some account were not compared with the venue; kraite workflows --name warm-up says why',
      );
      return EXIT_FAILED;
    }
    await clock.sleep(LOOK_MS, interrupt.requested);
  }
}
