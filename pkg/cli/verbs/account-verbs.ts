import { Option, type Command } from 'commander';

import {
  integerArgument,
  outputOption,
  stateOption,
  withExamples,
  type VerbRegistry,
} from '../verb-options.ts';
import {
  addBelow,
  credentialsOption,
  type AccountsOptions,
  type AddAccountOptions,
  type HistoryOptions,
} from './account-options.ts';
import { addChangeVerbs } from './account-change-verbs.ts';

/** First deposit of a key that the simulated exchange makes, USDT. */
const DEPOSIT_USDT = '10000';

/** Adds the verbs about whose money is traded. */
export function addAccountVerbs(registry: VerbRegistry): void {
  const { program, context, result } = registry;
  const accounts = program
    .command('accounts')
    .summary('whose money is traded: add, check, change and arm accounts')
    .description(
      'Lists the accounts; below it they are added, checked and changed. Secrets are read from a file,\nfrom stdin or without echo from the terminal, sealed with the key of the fleet, and never shown.',
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
  addLooks(accounts, registry);
  addChangeVerbs(accounts, registry);
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
      'Tries the key from every address that signs before anything is stored. A key that may withdraw is\nrefused. When some address does not work yet, the account is added with trading off.',
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
    .option('--reason <text>', 'why; stands in the history of the account')
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
      'Asks the venue from every address that signs (trading boxes, the brain and its standby, the\nindicator box) what the key of each account may do. Ends with 0 when every key works from all.',
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

const CHANGES_DEFAULT = 50;
const CHANGES_MAX = 10_000;

function addLooks(accounts: Command, { context, result }: VerbRegistry): void {
  addBelow(accounts, {
    name: 'show',
    summary: 'settings, arming and addresses of one account',
    description:
      'Shows one account: settings with their version, arming, and from where its key works.',
    examples: [['show main', 'as it stands now']],
  })
    .argument('<name>', 'account, by name or id')
    .action(async (name: string, options: AccountsOptions) => {
      const { runShowAccount } = await import('../commands/accounts/show.ts');
      result.exitCode = await runShowAccount(context, name, options);
    });
  addBelow(accounts, {
    name: 'history',
    summary: 'who changed what of an account, when and why',
    description:
      'Lists the changes of an account, newest first; -o wide shows the settings that each left.',
    examples: [['history main', 'the newest changes']],
  })
    .argument('<name>', 'account, by name or id')
    .option(
      '--limit <n>',
      `at most so many (default: ${CHANGES_DEFAULT})`,
      integerArgument('--limit', { min: 1, max: CHANGES_MAX }),
      CHANGES_DEFAULT,
    )
    .action(async (name: string, options: HistoryOptions) => {
      const { runAccountHistory } = await import('../commands/accounts/show.ts');
      result.exitCode = await runAccountHistory(context, name, options);
    });
}
