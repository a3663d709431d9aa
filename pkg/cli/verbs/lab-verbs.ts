import type { Command } from 'commander';

import type { CutOptions, LabUpOptions, SlowOptions } from '../commands/lab.ts';
import type { OutputFormat } from '../format/output.ts';
import { integerArgument, outputOption, withExamples, type VerbRegistry } from '../verb-options.ts';

const DELAY_MAX_MS = 60_000;
const PERCENT_MAX = 100;

/** Adds `kraite lab`: the cluster of a fleet on one machine, and what can befall its boxes. */
export function addLabVerb({ program, context, result }: VerbRegistry): void {
  const lab = program
    .command('lab')
    .summary('a real cluster of the fleet’s boxes on this machine, to rehearse on')
    .description(
      'Every box of the KraiteFleet as a node with its own containerd and kubelet, in namespaces of this machine: the real\nKubernetes, flannel and CoreDNS by the flags that `kraite k3s-config` renders, a private and a public network, and the\nsimulated exchange outside. Linux, root; what it needs is fetched and built into the cache folder, once.',
    )
    .usage('[options] ACTION');
  withExamples(lab, [
    ['lab up', 'the sample’s seven boxes, and a spare one'],
    ['lab up -f fleet.yaml --servers athena', 'yours, with one API server'],
    ['lab load', 'the image of this clone, MySQL and Redis onto the boxes'],
    [
      'lab exec desk kubectl get nodes',
      'desk: the place on the private network with kubectl and helm',
    ],
    ['lab kill eos,iris', 'two boxes without power; lab heal boots them'],
    ['lab cut nyx --from outside', 'nyx does not reach the venue'],
    ['lab down', 'nothing is left but the cache'],
  ]);
  const registry: LabRegistry = { lab, context, result };
  addLife(registry);
  addLooking(registry);
  addLosses(registry);
  addSlownessAndHealing(registry);
}

interface LabRegistry extends Omit<VerbRegistry, 'program'> {
  readonly lab: Command;
}

const load = () => import('../commands/lab.ts');

function withBoxes(verb: Command): Command {
  return verb.argument('<boxes>', 'names, separated by commas');
}

function addLife({ lab, context, result }: LabRegistry): void {
  lab
    .command('up')
    .summary('make the boxes, until Kubernetes calls each Ready')
    .description('Makes the boxes of a KraiteFleet and waits until Kubernetes calls each Ready.')
    .option('-f, --filename <file>', 'the KraiteFleet (default: the sample)')
    .option('--servers <boxes>', 'API servers, instead of those of spec.controlPlane.boxes')
    .option('--only <boxes>', 'leave out every other box')
    .action(async (options: LabUpOptions) => {
      result.exitCode = await (await load()).runLabUp(context, options);
    });
  lab
    .command('load')
    .summary('build the image of this clone and bring it to the boxes')
    .description(
      'Builds the image by the Dockerfile and brings it to the boxes without a registry, with stand-ins of the images of\nMySQL and Redis.',
    )
    .action(async () => {
      result.exitCode = await (await load()).runLabLoad(context);
    });
  lab
    .command('down')
    .summary('take everything away but the cache')
    .description('Takes everything of the lab away. Programs and images stay in the cache folder.')
    .action(async () => {
      result.exitCode = await (await load()).runLabDown(context);
    });
}

function addLooking({ lab, context, result }: LabRegistry): void {
  lab
    .command('status')
    .summary('each box: power, what Kubernetes says, what was done to it')
    .description('Shows each box: power, what Kubernetes says, and what was done to it.')
    .addOption(outputOption())
    .action(async ({ output }: { readonly output: OutputFormat }) => {
      result.exitCode = await (await load()).runLabStatus(context, output);
    });
  lab
    .command('exec')
    .summary('run a command in a box, at the desk or outside')
    .description(
      'Runs a command in a box, at the `desk` (kubectl, helm) or `outside` (where the venue is).',
    )
    .argument('<place>', 'a box, desk or outside')
    .argument('<command...>', 'what to run')
    .passThroughOptions()
    .action(async (place: string, command: readonly string[]) => {
      result.exitCode = await (await load()).runLabExec(context, place, command);
    });
}

function addLosses({ lab, context, result }: LabRegistry): void {
  withBoxes(lab.command('kill'))
    .summary('take the power of boxes away; heal boots them')
    .description(
      'Takes the power of boxes away, at once: no process ends in order, no line says goodbye.',
    )
    .action(async (boxes: string) => {
      result.exitCode = await (await load()).runLabKill(context, boxes);
    });
  withBoxes(lab.command('freeze'))
    .summary('stop boxes where they stand; their lines stay up')
    .description('Stops every process of boxes where it stands. Their lines stay up.')
    .action(async (boxes: string) => {
      result.exitCode = await (await load()).runLabFreeze(context, boxes);
    });
  withBoxes(lab.command('cut'))
    .summary('let nothing through between boxes and others')
    .description(
      'Drops every packet between boxes and others. The lines stay up, as with a broken router.',
    )
    .option('--from <place>', 'a box, or outside (default: everybody)')
    .option('--one-way', 'lose only what the named boxes send')
    .action(async (boxes: string, options: CutOptions) => {
      result.exitCode = await (await load()).runLabCut(context, boxes, options);
    });
}

function addSlownessAndHealing({ lab, context, result }: LabRegistry): void {
  withBoxes(lab.command('slow'))
    .summary('make the lines of boxes slow, late or lossy')
    .description('Makes both lines of boxes slow; late and lossy where the kernel has netem.')
    .option('--rate <rate>', 'bits a second, as 1mbit or 256kbit')
    .option(
      '--delay <ms>',
      'milliseconds that each packet waits, each way',
      integerArgument('--delay', { min: 1, max: DELAY_MAX_MS }),
    )
    .option(
      '--loss <percent>',
      'percent of the packets that are lost',
      integerArgument('--loss', { min: 1, max: PERCENT_MAX }),
    )
    .action(async (boxes: string, options: SlowOptions) => {
      result.exitCode = await (await load()).runLabSlow(context, boxes, options);
    });
  lab
    .command('heal')
    .summary('undo all of that, and boot boxes without power')
    .description('Undoes whatever was done to boxes, and boots those without power.')
    .argument('[boxes]', 'names, separated by commas (default: all)')
    .action(async (boxes: string | undefined) => {
      result.exitCode = await (await load()).runLabHeal(context, boxes);
    });
}
