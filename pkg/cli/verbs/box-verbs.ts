import { Option } from 'commander';

import { parseNames, stateOption, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface BoxVerbOptions {
  readonly state?: string;
  readonly only?: 'mysql' | 'redis';
}

/** Adds the verbs that take a box away and bring it back. */
export function addBoxVerbs(registry: VerbRegistry): void {
  addBoxVerb(registry, {
    name: 'kill-box',
    summary: 'kill every process of a box at once, as a power cut would',
    description:
      'Sends SIGKILL to every process of the named boxes at once. They stay down until start-box.',
    examples: [
      ['kill-box eos', 'one trading box: the others take its work over'],
      ['kill-box eos,iris', 'two at once'],
      ['kill-box hyperion --only redis', 'the queues, not the database'],
    ],
  });
  addBoxVerb(registry, {
    name: 'start-box',
    summary: 'start a killed box again',
    description: 'Starts the processes of boxes that kill-box took down.',
    examples: [['start-box eos', 'bring eos back']],
  });
}

interface BoxVerb {
  readonly name: 'kill-box' | 'start-box';
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
}

function addBoxVerb({ program, context, result }: VerbRegistry, verb: BoxVerb): void {
  const command = program
    .command(verb.name)
    .summary(verb.summary)
    .description(verb.description)
    .argument('<boxes>', 'names, separated by commas')
    .addOption(new Option('--only <server>', 'one server of the core').choices(['mysql', 'redis']))
    .addOption(stateOption());
  withExamples(command, verb.examples).action(async (boxes: string, options: BoxVerbOptions) => {
    const { runBoxVerb } = await import('../commands/change.ts');
    result.exitCode = await runBoxVerb(
      context,
      { verb: verb.name, boxes: parseNames(boxes) },
      options,
    );
  });
}
