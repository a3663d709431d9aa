import { parse } from 'yaml';

import type { KubeObject } from '#operator/runtime';
import { checkObjectFile, readObjectFile } from '../commands/object-file.ts';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import type { FileOptions } from '../verbs/fleet-verbs.ts';
import { openClusterFleet } from './open-cluster.ts';
import type { ClusterPlace } from './place.ts';

/**
 * `kraite apply -f FILE` in a cluster: names every mistake with its line, and gives a good object to the API server.
 *
 * Server-side apply of what the file says and no more, so that a default stays a default. Exit code 0 when the API
 * server took it; the operator does the rest (`kraite status -w`).
 */
export async function runClusterApply(
  context: CliContext,
  { place, ...options }: FileOptions & { readonly place: ClusterPlace },
): Promise<number> {
  const file = readObjectFile(context, options.filename);
  if (checkObjectFile(context, file, 'cluster') === undefined) return EXIT_FAILED;
  await using cluster = await openClusterFleet(context, place);
  const written = parse(file.text) as KubeObject;
  const namespace = place.namespace ?? written.metadata.namespace ?? cluster.asked.namespace;
  const applied = await cluster.apply({
    ...written,
    metadata: { ...written.metadata, namespace },
  });
  const { name, generation = 1 } = applied.metadata;
  const report = { fleet: name, namespace, context: cluster.asked.context, generation };
  const text = `${name} in namespace ${namespace} (context ${report.context}) is generation ${generation}; ${context.invokedAs} status -w shows what the operator does`;
  writeLine(
    context.stdout,
    formatObject(report, options.output, () => text),
  );
  return EXIT_OK;
}
