import { formatInstant } from '#pkg/base';
import { findOpeningPause, setOpeningPause, type OpeningPause } from '#pkg/lifecycles';
import { EXIT_OK, writeLine, type CliContext } from '../context.ts';
import type { PauseOptions, ResumeOptions } from '../verbs/engine-verbs.ts';
import { withReader } from './with-reader.ts';

function ownerOf({ environment }: CliContext): string {
  return environment['USER'] ?? environment['LOGNAME'] ?? 'unknown';
}

/** `kraite pause`: nothing new is admitted or opened until it ends; recorded with who, why and until when. */
export function runPause(context: CliContext, options: PauseOptions): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const nowMs = context.clock.nowMs();
    const pause: OpeningPause = {
      owner: ownerOf(context),
      why: options.reason,
      sinceMs: nowMs,
      ...(options.for === undefined ? {} : { untilMs: nowMs + options.for }),
    };
    await setOpeningPause(store.settings, pause, nowMs);
    const message = `paused ${describe(pause)}`;
    await store.events.append({ kind: 'FleetPaused', atMs: nowMs, message, reason: 'FleetPaused' });
    writeLine(context.stdout, message);
    return EXIT_OK;
  });
}

/** `kraite resume`: ends the pause, and says which one. */
export function runResume(context: CliContext, options: ResumeOptions): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const nowMs = context.clock.nowMs();
    const pause = await findOpeningPause(store.settings, nowMs);
    if (pause === undefined) {
      writeLine(context.stdout, 'the fleet is not paused');
      return EXIT_OK;
    }
    await setOpeningPause(store.settings, undefined, nowMs);
    const message = `resumed by ${ownerOf(context)}; it was paused ${describe(pause)}`;
    await store.events.append({ kind: 'FleetResumed', atMs: nowMs, message });
    writeLine(context.stdout, message);
    return EXIT_OK;
  });
}

function describe({ owner, why, untilMs }: OpeningPause): string {
  const end = untilMs === undefined ? 'until it is resumed' : `until ${formatInstant(untilMs)}`;
  return `by ${owner} ${end}: ${why}`;
}
