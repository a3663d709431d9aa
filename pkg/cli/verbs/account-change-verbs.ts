import { Option, type Command } from 'commander';

import type { VerbRegistry } from '../verb-options.ts';
import {
  addBelow,
  credentialsOption,
  type ArmOptions,
  type ChangeOptions,
  type EnableOptions,
  type RotateOptions,
} from './account-options.ts';

const REASON = ['--reason <text>', 'why; stands in the history of the account'] as const;
const ANYWAY = [
  '--anyway',
  'go on although some address is refused; never with a refused key',
] as const;
const NAME = ['<name>', 'account, by name or id'] as const;

/** Adds what changes an account below `accounts`. */
export function addChangeVerbs(accounts: Command, registry: VerbRegistry): void {
  addSet(accounts, registry);
  addSwitches(accounts, registry);
  addRotate(accounts, registry);
  addArming(accounts, registry);
}

function addSet(accounts: Command, { context, result }: VerbRegistry): void {
  addBelow(accounts, {
    name: 'set',
    summary: 'change settings of an account',
    description:
      'Sets slots, marginPercent, leverageMax and gapPercent (one side as slots.long, both as slots),\nmultipliers or rungs, profitPercent, stopPercent, risk.…, allowOtherPositions, allowOtherOrders.\nPositions that are open keep the settings that they were opened by.',
    examples: [
      ['set main slots.long=4 leverageMax.short=10 --reason "less risk"', 'two settings at once'],
      ['set main multipliers=2,2,1.5 --reason "flatter ladder"', 'three rungs'],
      ['set main allowOtherOrders=true --reason "I trade here too"', 'leave my own orders alone'],
    ],
  })
    .argument(...NAME)
    .argument('<settings...>', 'NAME=VALUE')
    .requiredOption(...REASON)
    .action(async (name: string, assignments: string[], options: ChangeOptions) => {
      const { runSetAccount } = await import('../commands/accounts/change.ts');
      result.exitCode = await runSetAccount(context, name, { ...options, assignments });
    });
}

function addSwitches(accounts: Command, { context, result }: VerbRegistry): void {
  addBelow(accounts, {
    name: 'disable',
    summary: 'switch trading of an account off',
    description:
      'Nothing of the account opens any more; what is open is protected and closed as ever.',
    examples: [['disable main --reason "tax year"', 'until it is enabled again']],
  })
    .argument(...NAME)
    .requiredOption(...REASON)
    .action(async (name: string, options: ChangeOptions) => {
      const { runDisableAccount } = await import('../commands/accounts/change.ts');
      result.exitCode = await runDisableAccount(context, name, options);
    });
  addBelow(accounts, {
    name: 'enable',
    summary: 'switch trading of an account on',
    description:
      'Tries the key from every address first; ends with 1, and changes nothing, where it is refused.',
    examples: [['enable main', 'after its addresses were listed']],
  })
    .argument(...NAME)
    .option(...REASON)
    .option(...ANYWAY)
    .action(async (name: string, options: EnableOptions) => {
      const { runEnableAccount } = await import('../commands/accounts/change.ts');
      result.exitCode = await runEnableAccount(context, name, options);
    });
}

function addRotate(accounts: Command, { context, result }: VerbRegistry): void {
  addBelow(accounts, {
    name: 'rotate',
    summary: 'give an account another API key',
    description:
      'Tries the new key from every address first. One that is refused, or that is of another account\nthan the open positions, changes nothing. Every box signs with the new key within 10 s.',
    examples: [
      [
        'rotate main --credentials-file new.key --reason "yearly"',
        'the old key stays valid meanwhile',
      ],
    ],
  })
    .argument(...NAME)
    .addOption(credentialsOption())
    .requiredOption(...REASON)
    .option(...ANYWAY)
    .action(async (name: string, options: RotateOptions) => {
      const { runRotateAccount } = await import('../commands/accounts/change.ts');
      result.exitCode = await runRotateAccount(context, name, options);
    });
}

function addArming(accounts: Command, { context, result }: VerbRegistry): void {
  addBelow(accounts, {
    name: 'arm',
    summary: 'let an account trade real money',
    description:
      'In mode live nothing is signed for an account that is not armed. It is armed in this fleet and\nthis database only: rows that are restored or copied arm nothing. Asks for its name to be typed.',
    examples: [['arm main --reason "tested for a month"', 'asks before it does']],
  })
    .argument(...NAME)
    .requiredOption(...REASON)
    .addOption(new Option('--confirm <name>', 'the name of the account, instead of being asked'))
    .option(...ANYWAY)
    .action(async (name: string, options: ArmOptions) => {
      const { runArmAccount } = await import('../commands/accounts/change.ts');
      result.exitCode = await runArmAccount(context, name, options);
    });
  addBelow(accounts, {
    name: 'disarm',
    summary: 'let an account open nothing more with real money',
    description:
      'Nothing that opens is signed any more; what protects and closes open positions is.',
    examples: [['disarm main --reason "holidays"', 'open positions go on to their end']],
  })
    .argument(...NAME)
    .requiredOption(...REASON)
    .action(async (name: string, options: ChangeOptions) => {
      const { runDisarmAccount } = await import('../commands/accounts/change.ts');
      result.exitCode = await runDisarmAccount(context, name, options);
    });
}
