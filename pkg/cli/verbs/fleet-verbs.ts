import { Option } from 'commander';

import { findClusterPlace, type ClusterOptions } from '../cluster/place.ts';
import type { SimulateOptions } from '../commands/simulate.ts';
import type { OutputFormat } from '../format/output.ts';
import {
  addClusterOptions,
  durationArgument,
  integerArgument,
  outputOption,
  parseNames,
  stateOption,
  withExamples,
  type VerbRegistry,
} from '../verb-options.ts';

export interface UpOptions {
  readonly filename?: string;
  readonly state?: string;
  readonly fresh?: true;
  readonly seed?: number;
  readonly for?: number;
  readonly output: OutputFormat;
  readonly mysql?: string;
  readonly redis?: string;
  readonly webPort?: number;
  readonly observe?: true;
  readonly live?: true;
}

export interface FileOptions extends ClusterOptions {
  readonly filename: string;
  readonly state?: string;
  readonly output: OutputFormat;
}

export interface StateOptions {
  readonly state?: string;
}

const PORT_MAX = 65_535;
const SEED_MAX = 4_294_967_295;

/** Adds the verbs that start, change and stop a fleet. */
export function addFleetVerbs(registry: VerbRegistry): void {
  addUp(registry);
  addDown(registry);
  addApply(registry);
  addValidate(registry);
  addSimulate(registry);
  addWebPassword(registry);
}

function addUp({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('up')
    .summary('start a fleet on this machine and show it')
    .description(
      'Starts the fleet that a KraiteFleet describes on this machine: private MariaDB and Redis, the simulated\nexchange, and every box on a loopback address of its own. Ctrl-C drains and stops it; a second one stops at once.\nIts state stays, so that the next start goes on where this one ended.',
    )
    .option('-f, --filename <file>', 'the KraiteFleet (default: k8s/samples/fleet.yaml)')
    .addOption(stateOption())
    .option('--fresh', 'forget what an earlier fleet left in the state folder')
    .option(
      '--seed <n>',
      'seed of the simulated market (default: 1, then as before)',
      integerArgument('--seed', { min: 0, max: SEED_MAX }),
    )
    .option(
      '--for <duration>',
      'drain and stop after this long (90s, 2m)',
      durationArgument('--for'),
    )
    .addOption(outputOption(['text', 'json']))
    .option('--mysql <url>', 'use this MySQL or MariaDB instead of a private one')
    .option('--redis <url>', 'use this Redis instead of a private one')
    .option(
      '--web-port <port>',
      'port of the three sites (default: 8080 or the next free one)',
      integerArgument('--web-port', { min: 1, max: PORT_MAX }),
    )
    .option('--observe', 'run Prometheus beside the fleet, with the alerts of the chart')
    .addOption(new Option('--live', 'allow an object with mode live: real money'));
  withExamples(verb, [
    ['up', 'the sample fleet on a simulated exchange'],
    ['up --for 120s -o json', 'two minutes, one JSON line for each event, then the summary'],
    ['up -f fleet.yaml --state /tmp/second', 'another fleet beside the first'],
    ['up --fresh --seed 7', 'begin anew on another market'],
    ['up --observe', 'with Prometheus and the alerts of the chart beside it'],
  ]).action(async (options: UpOptions) => {
    const { runUp } = await import('../commands/up.ts');
    result.exitCode = await runUp(context, options);
  });
}

function addDown({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('down')
    .summary('drain the running fleet and stop it')
    .description(
      'Drains the fleet that runs on the state folder, shows what it waits for, and stops it.',
    )
    .addOption(stateOption());
  withExamples(verb, [
    ['down', 'stop the fleet of this project'],
    ['down --state /tmp/second', 'stop another one'],
  ]).action(async (options: StateOptions) => {
    const { runDown } = await import('../commands/change.ts');
    result.exitCode = await runDown(context, options);
  });
}

function addApply({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('apply')
    .summary('give the running fleet a changed KraiteFleet')
    .description(
      'Gives the running fleet a changed KraiteFleet. Changed slots start and stop no process; what needs a\nrestart is restarted; what cannot change while it runs is refused, with the reason.',
    )
    .requiredOption('-f, --filename <file>', 'the KraiteFleet')
    .addOption(stateOption())
    .addOption(outputOption(['text', 'json', 'yaml']));
  withExamples(addClusterOptions(verb), [
    ['apply -f fleet.yaml', 'change the fleet of this project'],
    ['apply -f fleet.yaml --cluster', 'give it to the API server instead'],
  ]).action(async (options: FileOptions) => {
    const place = findClusterPlace(context, options);
    if (place !== undefined) {
      const { runClusterApply } = await import('../cluster/apply-cluster.ts');
      result.exitCode = await runClusterApply(context, { ...options, place });
      return;
    }
    const { runApply } = await import('../commands/change.ts');
    result.exitCode = await runApply(context, options);
  });
}

function addValidate({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('validate')
    .summary('say every mistake of a KraiteFleet file')
    .description('Checks a KraiteFleet file and names every mistake with its line. Starts nothing.')
    .requiredOption('-f, --filename <file>', 'the KraiteFleet')
    .option('--cluster', 'as an object for a cluster; kubectl kraite means that')
    .addOption(outputOption(['text', 'json', 'yaml']));
  withExamples(verb, [
    ['validate -f fleet.yaml', 'exit code 0 when it can be applied, 1 when not'],
    ['validate -f fleet.yaml --cluster', 'what a cluster needs written, too'],
  ]).action(async (options: FileOptions) => {
    const { runValidate } = await import('../commands/validate.ts');
    result.exitCode = await runValidate(context, options);
  });
}

function addSimulate({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('simulate')
    .summary('tell what the fleet still does when boxes are lost')
    .description(
      'Plans the fleet of a KraiteFleet file with boxes thought away, by the planner that starts it, and says for each\nlane how much capacity is left and what becomes of its work. Starts and changes nothing.',
    )
    .option('-f, --filename <file>', 'the KraiteFleet (default: k8s/samples/fleet.yaml)')
    .option('--lose <boxes>', 'names, separated by commas (default: none)', parseNames)
    .addOption(outputOption(['text', 'json', 'yaml']));
  withExamples(verb, [
    ['simulate --lose hemera', 'the sample fleet without one trading box'],
    ['simulate -f fleet.yaml --lose athena,eos -o json', 'two at once, for a program'],
  ]).action(async (options: SimulateOptions) => {
    const { runSimulate } = await import('../commands/simulate.ts');
    result.exitCode = runSimulate(context, options);
  });
}

function addWebPassword({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('web-password')
    .summary('a new password for an operator of the admin site')
    .description(
      "Gives an operator of the running fleet's admin site a new password, prints it once, and ends\nthat operator's sessions. For when the password that the first start printed is lost.",
    )
    .argument('[name]', 'the operator', 'admin')
    .addOption(stateOption());
  withExamples(verb, [['web-password', 'for admin, the first operator']]).action(
    async (name: string, options: StateOptions) => {
      const { runWebPassword } = await import('../commands/web-password.ts');
      result.exitCode = await runWebPassword(context, name, options);
    },
  );
}
