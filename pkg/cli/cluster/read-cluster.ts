import { EXIT_OK, type CliContext } from '../context.ts';
import { objectPrinter, rowPrinter, type Printer } from '../commands/printers.ts';
import type { ReadingName, ReadingOptions } from '../verbs/reading-verbs.ts';
import { ClusterError } from './errors.ts';
import { openClusterFleet, type ClusterFleet } from './open-cluster.ts';
import type { ClusterPlace } from './place.ts';
import { clusterStatusView, describeClusterStatus } from './status.ts';
import { CLUSTER_BOXES_VIEW, CLUSTER_LANES_VIEW, type ClusterSources } from './views.ts';

/** Between two looks of a watch: one small list of the API server. */
const WATCH_LOOK_MS = 1_000;

/** One reading verb about a fleet in a cluster: prints once, or (-w) whenever something changes until Ctrl-C. */
export async function runClusterReading(
  context: CliContext,
  name: ReadingName,
  { place, ...options }: ReadingOptions & { readonly place: ClusterPlace },
): Promise<number> {
  await using cluster = await openClusterFleet(context, place);
  const print = choosePrinter(context, { name, cluster }, options);
  const { requested } = context.interrupt;
  do {
    try {
      await print({ fleet: await cluster.read() });
    } catch (error) {
      // In a watch, Ctrl-C is the ordinary end, also in the middle of a look.
      if (options.watch === true && requested.aborted) break;
      throw error;
    }
    if (options.watch === true) await context.clock.sleep(WATCH_LOOK_MS, requested);
  } while (options.watch === true && !requested.aborted);
  return EXIT_OK;
}

function choosePrinter(
  context: CliContext,
  { name, cluster }: { readonly name: ReadingName; readonly cluster: ClusterFleet },
  options: ReadingOptions,
): Printer<ClusterSources> {
  switch (name) {
    case 'status':
      return objectPrinter(context, options.output, {
        read: ({ fleet }: ClusterSources) => clusterStatusView(fleet, cluster.asked),
        describe: describeClusterStatus,
      });
    case 'boxes':
      return rowPrinter(context, CLUSTER_BOXES_VIEW, options);
    case 'lanes':
      return rowPrinter(context, CLUSTER_LANES_VIEW, options);
    case 'positions':
    case 'orders':
    case 'steps':
    case 'workflows':
    case 'events':
    case 'schedule':
    case 'health':
    case 'figures':
      throw new ClusterError(
        `${name} are rows of the fleet's database, which only its pods reach: in a cluster the admin site shows them; for a fleet on this machine name its --state`,
      );
  }
}
