import { Option, type Command } from 'commander';

import type { OutputFormat } from '../format/output.ts';
import { outputOption, stateOption, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface AccountsOptions {
  readonly state?: string;
  readonly output: OutputFormat;
}

export interface AddAccountOptions extends AccountsOptions {
  readonly credentialsFile?: string;
  readonly simulated?: string;
  readonly off?: true;
}

interface AccountVerb {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
}

/** First deposit of a key that the simulated exchange makes, USDT. */
const DEPOSIT_USDT = '10000';

/** Adds the verbs about whose money is traded. */
export function addAccountVerbs(registry: VerbRegistry): void {
  const { program, context, result } = registry;
  const accounts = program
    .command('accounts')
    .summary('whose money is traded: add, check, change and arm accounts')
    .description(
      'Lists the accounts; below it they are added, checked and changed. Secrets are read from a file, from stdin or\nwithout echo from the terminal, sealed with the key of the fleet, and never shown again.',
    )
    .enablePositionalOptions()
    .addOption(outputOption())
    .addOption(stateOption());
  const list = async (options: AccountsOptions): Promise<void> => {
    const { runListAccounts } = await import('../commands/accounts/list.ts');
    result.exitCode = await runListAccounts(context, options);
  };
  withExamples(accounts, [['accounts', 'one line for each account']]).action(list);
  addBelow(accounts, {
    name: 'list',
    summary: 'one line for each account',
    description:
      'Lists accounts with their money and slots, and from how many addresses the key works.',
    examples: [['list -o wide', 'with ids']],
  }).action(list);
  addAdd(accounts, registry);
  addCheck(accounts, registry);
}

function addBelow(accounts: Command, verb: AccountVerb): Command {
  const command = accounts
    .command(verb.name)
    .summary(verb.summary)
    .description(verb.description)
    .addOption(outputOption())
    .addOption(stateOption());
  return withExamples(command, verb.examples);
}

/** Where credentials are read from; never from the command line itself, which every process may read. */
function credentialsOption(): Option {
  return new Option(
    '--credentials-file <file>',
    'API key on the first line, secret on the second; - is stdin (default: asked on the terminal)',
  );
}

/** A key of the simulated exchange, made on the spot. */
function simulatedOption(): Option {
  return new Option('--simulated [usdt]', 'make a key with this deposit at the simulated exchange')
    .preset(DEPOSIT_USDT)
    .conflicts('credentialsFile');
}

function addAdd(accounts: Command, { context, result }: VerbRegistry): void {
  addBelow(accounts, {
    name: 'add',
    summary: 'add an account',
    description:
      'Tries the key from every address that signs before anything is stored. A key that may withdraw is refused.\nWhen some address does not work yet, the account is added with trading off.',
    examples: [
      ['add main --credentials-file main.key', 'from a file that only you may read'],
      ['add main', 'typed, the secret without echo'],
      ['add second --simulated 5000', 'a second account at the simulated exchange'],
    ],
  })
    .argument('<name>', 'what it is called here')
    .addOption(credentialsOption())
    .addOption(simulatedOption())
    .option('--off', 'leave trading off')
    .action(async (name: string, options: AddAccountOptions) => {
      const { runAddAccount } = await import('../commands/accounts/add.ts');
      result.exitCode = await runAddAccount(context, name, options);
    });
}

function addCheck(accounts: Command, { context, result }: VerbRegistry): void {
  addBelow(accounts, {
    name: 'check',
    summary: 'which key works from which address, and why not',
    description:
      'Asks the venue from every address that signs (trading boxes, the brain and its standby, the indicator box) what the\nkey of each account may do, and ends with 0 only when every key works from every address.',
    examples: [
      ['check', 'the table account × address'],
      ['check main -o wide', 'with what to do about each cell'],
    ],
  })
    .argument('[names...]', 'accounts (default: all)')
    .action(async (names: string[], options: AccountsOptions) => {
      const { runCheckAccounts } = await import('../commands/accounts/check.ts');
      result.exitCode = await runCheckAccounts(context, names, options);
    });
}
