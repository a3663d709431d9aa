import { Command, type CommanderError } from 'commander';

import { EXIT_OK, EXIT_WRONG_USE, isPlugin, type CliContext } from './context.ts';
import type { VerbResult } from './verb-options.ts';
import { addAccountVerbs } from './verbs/account-verbs.ts';
import { addBoxVerbs } from './verbs/box-verbs.ts';
import { addClusterVerbs } from './verbs/cluster-verbs.ts';
import { addFleetVerbs } from './verbs/fleet-verbs.ts';
import { addEngineVerbs } from './verbs/engine-verbs.ts';
import { addLabVerb } from './verbs/lab-verbs.ts';
import { addMarketVerbs } from './verbs/market-verbs.ts';
import { addNotifyVerbs } from './verbs/notify-verbs.ts';
import { addOperatingVerbs } from './verbs/operating-verbs.ts';
import { addReadingVerbs } from './verbs/reading-verbs.ts';
import { addRescueVerbs } from './verbs/rescue-verbs.ts';
import { addToolVerbs } from './verbs/tool-verbs.ts';

const HELP_COLUMNS = 100;

/** Returns the whole command line: every verb with its options, help and examples. Runs nothing. */
export function createProgram(context: CliContext, result: VerbResult): Command {
  const program = new Command(isPlugin(context) ? context.invokedAs : 'kraite')
    .usage('VERB [options]')
    .description(
      'Runs a crypto perpetual-futures trading fleet that one KraiteFleet object describes.',
    )
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [verb]', 'show the help of a verb')
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .showHelpAfterError(`${context.invokedAs} --help lists the verbs`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      getOutHelpWidth: () => HELP_COLUMNS,
      getErrHelpWidth: () => HELP_COLUMNS,
      outputError: (text, write) => write(text.replace(/^error: /, 'kraite: ')),
    });
  addFleetVerbs({ program, context, result });
  // A cluster's boxes are taken away by whoever owns them; ours are processes of this machine.
  if (!isPlugin(context)) addBoxVerbs({ program, context, result });
  addReadingVerbs({ program, context, result });
  addOperatingVerbs({ program, context, result });
  addAccountVerbs({ program, context, result });
  addRescueVerbs({ program, context, result });
  addNotifyVerbs({ program, context, result });
  addEngineVerbs({ program, context, result });
  addClusterVerbs({ program, context, result });
  if (!isPlugin(context)) addLabVerb({ program, context, result });
  addMarketVerbs({ program, context, result });
  addToolVerbs({ program, context, result });
  for (const verb of program.commands) {
    verb.showHelpAfterError(`${context.invokedAs} ${verb.name()} --help shows how`);
  }
  return program;
}

/** Returns the exit code of a commander failure: asking for help is none, the rest is wrong use. */
export function exitCodeOf(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT_OK : EXIT_WRONG_USE;
}
