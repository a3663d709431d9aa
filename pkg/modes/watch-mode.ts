import { toError, type Clock, type Reason } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { SettingStore } from '#pkg/store';

import { holdOf } from './modes.ts';
import { readMode } from './standing-mode.ts';

const LOOK_MS = 500;

/** Why no step may begin in this process; undefined while steps may. */
export interface FreezeWatch extends AsyncDisposable {
  reason(): Reason | undefined;
}

/** Follows the mode every half second; while the database is away, what was last known holds. */
export async function watchFreeze(dependencies: {
  readonly settings: Pick<SettingStore, 'find'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<FreezeWatch> {
  const { settings, clock, logger } = dependencies;
  const stopping = new AbortController();
  let reason: Reason | undefined;
  let isTold = false;
  const look = async (): Promise<void> => {
    try {
      reason = holdOf((await readMode(settings, clock.nowMs())).name, 'protects');
      isTold = false;
    } catch (error) {
      if (!isTold) logger.warn({ err: toError(error) }, 'the mode of the fleet cannot be read');
      isTold = true;
    }
  };
  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_MS, stopping.signal);
      if (!stopping.signal.aborted) await look();
    }
  };
  await look();
  const following = follow();
  return {
    reason: () => reason,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await following;
    },
  };
}
