import { buildWebAddress, type FleetContext } from '#operator/resources';
import { carries } from '#operator/runtime';
import type { Observed } from './observed.ts';
import type { Operation } from './operations.ts';

/** Plans the address of the sites' Service: no cloud gives it one, for the box has it already. */
export function planWebAddress(context: FleetContext, { objects }: Observed): readonly Operation[] {
  const wanted = buildWebAddress(context);
  const service = objects.find(
    ({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.metadata.name,
  );
  if (service === undefined || carries(service['status'], wanted['status'])) return [];
  return [{ kind: 'apply', object: wanted, subresource: 'status' }];
}
