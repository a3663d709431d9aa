import { Option, type Command } from 'commander';

import type { OutputFormat } from '../format/output.ts';
import { outputOption, stateOption, withExamples } from '../verb-options.ts';

export interface AccountsOptions {
  readonly state?: string;
  readonly output: OutputFormat;
}

export interface AddAccountOptions extends AccountsOptions {
  readonly credentialsFile?: string;
  readonly simulated?: string;
  readonly reason?: string;
  readonly off?: true;
}

export interface ChangeOptions extends AccountsOptions {
  readonly reason: string;
}

export interface EnableOptions extends AccountsOptions {
  readonly reason?: string;
  readonly anyway?: true;
}

export interface RotateOptions extends ChangeOptions {
  readonly credentialsFile?: string;
  readonly anyway?: true;
}

export interface ArmOptions extends ChangeOptions {
  readonly confirm?: string;
  readonly anyway?: true;
}

export interface HistoryOptions extends AccountsOptions {
  readonly limit: number;
}

interface AccountVerb {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
}

/** Adds one verb below `accounts`. */
export function addBelow(accounts: Command, verb: AccountVerb): Command {
  const command = accounts
    .command(verb.name)
    .summary(verb.summary)
    .description(verb.description)
    .addOption(outputOption())
    .addOption(stateOption());
  return withExamples(command, verb.examples);
}

/** Where credentials are read from; never from the command line itself, which every process may read. */
export function credentialsOption(): Option {
  return new Option(
    '--credentials-file <file>',
    'API key on the first line, secret on the second; - is stdin (default: asked on the terminal)',
  );
}
