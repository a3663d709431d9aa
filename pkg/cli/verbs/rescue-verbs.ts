import { UsageError } from '../context.ts';
import type { OutputFormat } from '../format/output.ts';
import {
  durationArgument,
  outputOption,
  stateOption,
  withExamples,
  type VerbRegistry,
} from '../verb-options.ts';

export interface FlattenOptions {
  readonly state?: string;
  readonly reason: string;
  readonly confirm?: string;
  readonly wait?: number;
  readonly dryRun?: true;
}

const OVERRIDES = ['adopt', 'running'] as const;

export interface RecoverOptions {
  readonly state?: string;
  readonly dryRun?: true;
  readonly override: readonly (typeof OVERRIDES)[number][];
  readonly wait?: number;
  readonly output: OutputFormat;
}

function parseOverrides(text: string): RecoverOptions['override'] {
  return parseList(text).map((word) => {
    const known = OVERRIDES.find((other) => other === word);
    if (known !== undefined) return known;
    throw new UsageError(`--override: ${word} is none of ${OVERRIDES.join(', ')}`);
  });
}

function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** Adds the verbs by which a person ends the trade of an account, or mends its books. */
export function addRescueVerbs(registry: VerbRegistry): void {
  addFlatten(registry);
  addRecover(registry);
}

function addFlatten({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('flatten')
    .summary('close every position at market and cancel its orders; nothing opens after it')
    .description(
      'Holds openings of the account first, then closes each position of the fleet reduce-only at market, cancels its ' +
        'orders, and asks the venue what is left: also what failed to close before, and what stands there without a row.\n\n' +
        "The user's own positions and orders stay, unless the settings of the account say allowOtherPositions=false or " +
        'allowOtherOrders=false. What could not be closed is printed with its reason, and the exit code is 1.\n\n' +
        'Without a dispatcher it begins by itself; without a trading box it waits and says so. It goes on when this ' +
        'command ends.',
    )
    .argument('<account>', 'name of the account, or all')
    .requiredOption('--reason <text>', 'why; stands beside the hold and among the events')
    .option('--confirm <account>', 'the account again (or all), instead of typing it when asked')
    .option('--wait <duration>', 'how long to follow it (default: 5m)', durationArgument('--wait'))
    .option('--dry-run', 'only say what would be closed')
    .addOption(stateOption());
  withExamples(verb, [
    ['flatten main --reason "keys leaked"', 'asks for the name, then closes everything of main'],
    ['flatten all --reason "exchange trouble" --confirm all', 'every account, for a script'],
    ['flatten main --reason look --dry-run', 'what it would close'],
  ]).action(async (account: string, options: FlattenOptions) => {
    const { requireReason, runFlatten } = await import('../commands/flatten.ts');
    requireReason(options.reason);
    result.exitCode = await runFlatten(context, account, options);
  });
}

function addRecover({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('recover')
    .summary('make the rows of an account and the venue say the same again')
    .description(
      'Compares every position and order of the account with the venue and prints each difference with what is done about it; ' +
        'with --dry-run that is all. Else it holds openings, writes the rows as they are into a file of the state folder, and then: ' +
        'writes rows for positions that only the venue knows, closes those that only the rows know (after two flat readings), ' +
        'mirrors orders, places missing exits again, frees what is stuck, closes what failed to close, cancels orders of ours ' +
        'without a position. It ends when nothing differs, or says what does.\n\n' +
        "--override adopt    positions of nobody become the fleet's, with stop and profit order\n" +
        '--override running  also what a workflow still works on: its steps that wait are canceled first',
    )
    .argument('[account]', 'name of the account, or all', 'all')
    .option('--dry-run', 'only say what differs and what would be done')
    .option('--override <what>', 'adopt, running, or both with a comma', parseOverrides, [])
    .option('--wait <duration>', 'how long to follow it (default: 4m)', durationArgument('--wait'))
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addOption(stateOption());
  withExamples(verb, [
    ['recover --dry-run', 'what differs, in every account'],
    ['recover main', 'mend it'],
    ['recover main --override adopt', "what the user holds becomes the fleet's"],
  ]).action(async (account: string, options: RecoverOptions) => {
    const { runRecover } = await import('../commands/recover.ts');
    result.exitCode = await runRecover(context, account, options);
  });
}
