import { constants, setPriority } from 'node:os';

import { toError } from '#pkg/base';
import type { Logger } from '#pkg/observability';

/**
 * Asks the system to run this process before others, where it may ask: as root, or with the capability SYS_NICE.
 *
 * For a process that works for a moment each second and must not wait behind those that compute; elsewhere it runs as
 * any other does.
 */
export function raisePriority(logger: Logger): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch (error) {
    logger.debug({ err: toError(error) }, 'the system keeps the priority of this process as it is');
  }
}
