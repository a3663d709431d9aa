import { Option } from 'commander';

import { LANES, type Lane } from '#pkg/domain';
import type { OutputFormat } from '../format/output.ts';
import {
  durationArgument,
  outputOption,
  stateOption,
  withExamples,
  type VerbRegistry,
} from '../verb-options.ts';

export interface HandOptions {
  readonly state?: string;
  readonly reason: string;
}

export interface ResumeOptions {
  readonly state?: string;
  readonly lane?: Lane;
  readonly account?: string;
}

export interface PauseOptions extends ResumeOptions {
  readonly reason: string;
  readonly for?: number;
}

export interface ShowOptions {
  readonly state?: string;
  readonly output: OutputFormat;
}

const DEEDS = [
  ['steps', 'retry', 'begin a failed step again, or a delayed one now'],
  ['steps', 'cancel', 'cancel a step that does not run: its block breaks and compensates'],
  ['steps', 'skip', 'skip a step that does not run, and everything below it'],
  ['workflows', 'retry', 'begin again where a workflow broke'],
  ['workflows', 'cancel', 'cancel what has not begun; what runs comes to its end'],
] as const;

/** Adds what a person may do with a step or a workflow below the verbs that list them. */
export function addEngineVerbs(registry: VerbRegistry): void {
  const { program, context, result } = registry;
  addPause(registry);
  const parentOf = (name: string) =>
    program.commands.find((command) => command.name() === name)?.enablePositionalOptions();
  for (const [parent, action, summary] of DEEDS) {
    const verb = parentOf(parent)
      ?.command(action)
      .summary(summary)
      .description(`Says who did it and why in the rows and among the events: ${summary}.`)
      .argument('<id>', `id of the ${parent === 'steps' ? 'step' : 'workflow'}`)
      .requiredOption('--reason <text>', 'why; stands beside what it changes')
      .addOption(stateOption());
    if (verb === undefined) continue;
    const example = `${action} 01kb2x… --reason "the symbol was delisted"`;
    withExamples(verb, [[example, 'with the id that -o wide shows']]).action(
      async (target: string, options: HandOptions) => {
        const { runByHand } = await import('../commands/by-hand.ts');
        result.exitCode = await runByHand(context, { kind: parent, action, target }, options);
      },
    );
  }
  const show = parentOf('workflows')
    ?.command('show')
    .summary('the tree of one workflow: states, times, attempts, reasons')
    .description('Shows a workflow with every step, also when it is archived.')
    .argument('<id>', 'id of the workflow')
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addOption(stateOption());
  show?.action(async (target: string, options: ShowOptions) => {
    const { runShow } = await import('../commands/show-workflow.ts');
    result.exitCode = await runShow(context, target, options);
  });
  const failures = parentOf('steps')
    ?.command('failures')
    .summary('failed steps, grouped by step and error')
    .description('Groups the newest failed steps by their step and error, most frequent first.')
    .addOption(outputOption())
    .addOption(stateOption());
  failures?.action(async (options: ShowOptions) => {
    const { runFailures } = await import('../commands/failures.ts');
    result.exitCode = await runFailures(context, options);
  });
}

function addPause({ program, context, result }: VerbRegistry): void {
  const pause = program
    .command('pause')
    .summary('hold new work and openings; what protects and closes goes on')
    .description(
      'Nothing new is admitted and nothing opens until the pause ends: of the whole fleet, of one account, or what needs\none lane. It has an owner and, with --for, an end; what waits says FleetPaused, AccountPaused or LanePaused.\nPositions that are open are protected and closed as ever. kraite status lists what is paused.',
    )
    .requiredOption('--reason <text>', 'why; stands among the events')
    .addOption(laneOption())
    .addOption(accountOption())
    .option('--for <duration>', 'ends by itself after this long (2h)', durationArgument('--for'))
    .addOption(stateOption());
  withExamples(pause, [
    ['pause --reason "new keys" --for 30m', 'the whole fleet, for half an hour'],
    ['pause --account main --reason "tax year"', 'one account'],
    ['pause --lane indicators --reason "provider bill"', 'what needs one lane'],
  ]).action(async (options: PauseOptions) => {
    const { runPause } = await import('../commands/pause.ts');
    result.exitCode = await runPause(context, options);
  });
  const resume = program
    .command('resume')
    .summary('end a pause')
    .description(
      'Ends the pause of the whole fleet, of an account or of a lane, whoever set it, and says which one it was.\nOther pauses go on, and so does what a guard holds.',
    )
    .addOption(laneOption())
    .addOption(accountOption())
    .addOption(stateOption());
  withExamples(resume, [
    ['resume', 'new work is admitted again'],
    ['resume --account main', 'of one account'],
  ]).action(async (options: ResumeOptions) => {
    const { runResume } = await import('../commands/pause.ts');
    result.exitCode = await runResume(context, options);
  });
}

function laneOption(): Option {
  return new Option('--lane <lane>', 'only what needs this lane').choices([...LANES]);
}

function accountOption(): Option {
  return new Option('--account <name>', 'only this account').conflicts('lane');
}
