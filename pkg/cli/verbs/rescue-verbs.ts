import { durationArgument, stateOption, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface FlattenOptions {
  readonly state?: string;
  readonly reason: string;
  readonly confirm?: string;
  readonly wait?: number;
  readonly dryRun?: true;
}

/** Adds the verbs by which a person ends the trade of an account, or mends its books. */
export function addRescueVerbs(registry: VerbRegistry): void {
  addFlatten(registry);
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
