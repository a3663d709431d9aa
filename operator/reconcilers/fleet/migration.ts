import type { KubeObject } from '#operator/runtime';
import { isTrue } from './kube-fields.ts';
import type { MigrationState } from './plan-roll.ts';

/** Returns how far the migration Job of the wanted version is. */
export function migrationState(
  migration: KubeObject,
  objects: readonly KubeObject[],
): MigrationState {
  const live = objects.find(
    ({ kind, metadata }) => kind === 'Job' && metadata.name === migration.metadata.name,
  );
  if (isTrue(live, 'Complete')) return 'done';
  return isTrue(live, 'Failed') ? 'failed' : 'running';
}
