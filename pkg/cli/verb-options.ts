import { Option, type Command } from 'commander';

import { UsageError, type CliContext } from './context.ts';
import { OUTPUT_FORMATS, type OutputFormat } from './format/output.ts';
import { parseDurationMs } from './format/words.ts';

/** Where an action leaves its exit code. */
export interface VerbResult {
  exitCode: number;
}

/** What every verb is registered with. */
export interface VerbRegistry {
  readonly program: Command;
  readonly context: CliContext;
  readonly result: VerbResult;
}

/** Adds the examples that stand under a verb's help. */
export function withExamples(
  verb: Command,
  examples: readonly (readonly [command: string, what: string])[],
): Command {
  const width = Math.max(...examples.map(([command]) => command.length));
  return verb.addHelpText('after', ({ command: { parent } }) => {
    const typed = parent?.name() ?? 'kraite';
    const lines = examples.map(
      ([command, what]) => `  ${typed} ${command.padEnd(width)}   # ${what}`,
    );
    return `\nExamples:\n${lines.join('\n')}`;
  });
}

export function stateOption(): Option {
  return new Option('--state <dir>', 'state folder (default: .kraite at the project root)');
}

export function outputOption(formats: readonly OutputFormat[] = OUTPUT_FORMATS): Option {
  return new Option('-o, --output <format>', 'how to print').choices([...formats]).default('text');
}

/** Adds the options by which a person names a fleet in a cluster. */
export function addClusterOptions(verb: Command): Command {
  return verb
    .option('--cluster', 'a fleet in a cluster, through the kubeconfig; kubectl kraite means that')
    .option('--context <name>', 'context of the kubeconfig (default: the current one)')
    .option('--kubeconfig <file>', 'the kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('-n, --namespace <name>', 'namespace of the fleet (default: of the context)')
    .option('--fleet <name>', 'the KraiteFleet, where the namespace has several');
}

/** Returns a parser of a duration option, which throws {@link UsageError}. */
export function durationArgument(option: string): (text: string) => number {
  return (text) => {
    const durationMs = parseDurationMs(text);
    if (durationMs !== undefined) return durationMs;
    throw new UsageError(`${option}: ${text} is not a duration; write it as 90s, 2m or 1h30m`);
  };
}

/** Returns a parser of a whole-number option, which throws {@link UsageError}. */
export function integerArgument(
  option: string,
  bounds: { readonly min: number; readonly max: number },
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= bounds.min && value <= bounds.max) return value;
    throw new UsageError(
      `${option}: ${text} is not a whole number from ${bounds.min} to ${bounds.max}`,
    );
  };
}

/** Returns the names of `eos,iris`; throws {@link UsageError} when none is left. */
export function parseNames(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new UsageError('name at least one box, for example: eos,iris');
  return [...new Set(names)];
}
