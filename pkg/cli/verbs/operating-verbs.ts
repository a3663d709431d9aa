import { Argument } from 'commander';

import { MODE_NAMES, type ModeName } from '#pkg/modes';
import type { OutputFormat } from '../format/output.ts';
import {
  durationArgument,
  outputOption,
  stateOption,
  withExamples,
  type VerbRegistry,
} from '../verb-options.ts';

export interface ModeOptions {
  readonly state?: string;
  readonly output: OutputFormat;
  readonly reason?: string;
  readonly for?: number;
  readonly wait?: number;
  readonly force?: true;
  readonly confirm?: string;
}

export interface RunEntryOptions {
  readonly state?: string;
}

/** Adds the verbs by which a person leads the fleet as a whole. */
export function addOperatingVerbs(registry: VerbRegistry): void {
  addMode(registry);
  addRunEntry(registry);
}

function addMode({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('mode')
    .summary('what the fleet lets happen now; with a name: another mode')
    .description(
      'Without a name: which mode stands, since when, until when, by whom and why.\n\n' +
        'close-only    nothing opens\n' +
        'cooldown      nothing new begins; waits until what runs has ended, and lists what has not\n' +
        'maintenance   nothing new begins but health checks; alarmed after 45 minutes\n' +
        'warm-up       compares the books with the venue, then becomes normal by itself\n' +
        'normal        everything; through a warm-up where work was held\n' +
        'freeze        no step begins, not even one that protects or closes\n\n' +
        'What protects and closes is held by a freeze alone.',
    )
    .addArgument(new Argument('[name]', 'the mode that is to stand').choices([...MODE_NAMES]))
    .option('--reason <text>', 'why; stands beside the mode and among the events')
    .option('--for <duration>', 'ends by itself after this long (2h)', durationArgument('--for'))
    .option(
      '--wait <duration>',
      'how long to wait for a cooldown or a warm-up (default: 5m)',
      durationArgument('--wait'),
    )
    .option('--force', 'wait for nothing: no drain, and normal without a warm-up')
    .option(
      '--confirm <fleet>',
      'for freeze: the name of the fleet, instead of typing it when asked',
    )
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addOption(stateOption());
  withExamples(verb, [
    ['mode', 'which mode stands'],
    ['mode cooldown --reason "new disks"', 'drains, then holds what is new'],
    ['mode normal', 'books first, then everything'],
  ]).action(async (name: ModeName | undefined, options: ModeOptions) => {
    const { runSetMode, runShowMode } = await import('../commands/mode.ts');
    result.exitCode =
      name === undefined
        ? await runShowMode(context, options)
        : await runSetMode(context, name, options);
  });
}

function addRunEntry({ program, context, result }: VerbRegistry): void {
  const verb = program.commands
    .find((command) => command.name() === 'schedule')
    ?.enablePositionalOptions()
    .command('run')
    .summary('run an entry of the timetable now')
    .description('Submits the workflow of the entry as its next instant would, once at a time.')
    .argument('<entry>', 'name of the entry')
    .addOption(stateOption());
  if (verb === undefined) return;
  withExamples(verb, [['run store-balances', 'read the balances now']]).action(
    async (entry: string, options: RunEntryOptions) => {
      const { runEntry } = await import('../commands/run-entry.ts');
      result.exitCode = await runEntry(context, entry, options);
    },
  );
}
