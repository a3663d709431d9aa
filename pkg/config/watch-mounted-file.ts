import { watch } from 'node:fs';
import { dirname } from 'node:path';

import type { Clock } from '#pkg/base';

/** Where a folder cannot be watched (or an event is missed), the file is looked at so often. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Calls `look` whenever `path` may have changed, and every two seconds anyway. Dispose to end.
 *
 * It watches the folder, not the file: a rename, and the symlink swap of a mounted ConfigMap or Secret, replace the file
 * itself. Where the folder is not there yet, only the two seconds remain.
 */
export function watchMountedFile(clock: Clock, path: string, look: () => void): Disposable {
  const stopWatching = watchFolder(dirname(path), look);
  let cancel = (): void => undefined;
  const lookAgain = (): void => {
    look();
    cancel = clock.schedule(LOOK_AGAIN_MS, lookAgain);
  };
  cancel = clock.schedule(LOOK_AGAIN_MS, lookAgain);
  return {
    [Symbol.dispose]: () => {
      stopWatching();
      cancel();
    },
  };
}

function watchFolder(folder: string, look: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, look);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
