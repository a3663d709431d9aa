import { diffFleets, type FleetChange, type KraiteFleet } from '#pkg/fleet-spec';
import type { FleetObject } from '#operator/api';
import { readLastGood } from '#operator/reconcilers';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { openClusterFleet } from './open-cluster.ts';
import type { ClusterPlace } from './place.ts';

export interface RollbackOptions {
  readonly dryRun?: true;
}

/**
 * `kraite rollback`: gives the fleet the spec by which it was Ready last, as the operator kept it.
 *
 * The object only, never rows: data does not go back. Exit code 0 when it was written or is what it was, 1 when nothing
 * was kept.
 */
export async function runClusterRollback(
  context: CliContext,
  { place, dryRun }: RollbackOptions & { readonly place: ClusterPlace },
): Promise<number> {
  await using cluster = await openClusterFleet(context, place);
  const fleet = await cluster.read();
  const { name } = fleet.metadata;
  const kept = readLastGood(await cluster.readLastGood(fleet));
  if (kept === undefined) {
    writeLine(context.stderr, `kraite: ${name} was never Ready, so there is nothing to go back to`);
    return EXIT_FAILED;
  }
  const after = { ...fleet, spec: kept.spec };
  const changes = diffFleets(asText(fleet), asText(after), { openPositions: 0 });
  if (changes.length === 0) {
    writeLine(context.stdout, `${name} is what it was when it was Ready last`);
    return EXIT_OK;
  }
  for (const change of changes) writeLine(context.stdout, describeChange(change));
  if (dryRun === true) return EXIT_OK;
  const { generation = 0 } = (await cluster.replaceSpec(fleet, kept.spec)).metadata;
  writeLine(
    context.stdout,
    `${name} is generation ${generation}, with the spec of generation ${kept.generation}; change the file that it comes from too, or the next apply undoes this`,
  );
  return EXIT_OK;
}

function asText({ apiVersion, kind, metadata, spec }: FleetObject): KraiteFleet {
  const { name, namespace = 'default' } = metadata;
  return { apiVersion, kind, metadata: { name, namespace }, spec } as KraiteFleet;
}

function describeChange({ path, before, after }: FleetChange): string {
  return `${path}: ${JSON.stringify(before)} becomes ${JSON.stringify(after)}`;
}
