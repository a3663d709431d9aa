import type { KubeObject } from '#operator/runtime';
import { isTrue } from './kube-fields.ts';
import type { MigrationState } from './plan-roll.ts';

/** Returns how far the migration Job of the wanted version is; a fleet without one needs none. */
export function migrationState(
  migration: KubeObject | undefined,
  objects: readonly KubeObject[],
): MigrationState {
  if (migration === undefined) return 'done';
  const live = objects.find(
    ({ kind, metadata }) => kind === 'Job' && metadata.name === migration.metadata.name,
  );
  if (isTrue(live, 'Complete')) return 'done';
  return isTrue(live, 'Failed') ? 'failed' : 'running';
}
