import { Option } from 'commander';

import {
  durationArgument,
  parseNames,
  stateOption,
  withExamples,
  type VerbRegistry,
} from '../verb-options.ts';

export interface BoxVerbOptions {
  readonly state?: string;
  readonly only?: 'mysql' | 'redis';
}

export interface DrainOptions {
  readonly state?: string;
  readonly undo?: true;
  readonly wait?: number;
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
  addDrain(registry);
}

function addDrain({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('drain')
    .summary('have boxes take nothing more, and wait until what they run has ended')
    .description(
      'Tells the workers of the named boxes, or of all, to take no more steps, shows what is waited for, and ends with 0\nonce nothing runs there: no step of theirs, and none of their own lanes. Other boxes take the work over; without\nany, it stands in its rows. The boxes go on draining until --undo, also when the wait is over.',
    )
    .argument('[boxes]', 'names, separated by commas (default: every box that takes steps)')
    .option('--undo', 'take work again')
    .option(
      '--wait <duration>',
      'wait at most this long (default: 20m)',
      durationArgument('--wait'),
    )
    .addOption(stateOption());
  withExamples(verb, [
    ['drain eos', 'before eos is taken away for a while'],
    ['drain eos --undo', 'eos takes work again'],
    ['drain --wait 2m', 'the whole fleet'],
  ]).action(async (boxes: string | undefined, options: DrainOptions) => {
    const { runDrain } = await import('../commands/drain.ts');
    result.exitCode = await runDrain(
      context,
      boxes === undefined ? [] : parseNames(boxes),
      options,
    );
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
