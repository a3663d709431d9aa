import type { Command } from 'commander';

import { UsageError } from './context.ts';
import { findNearest } from '#pkg/base';

export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

/** Returns `text` as a shell we complete for. Throws {@link UsageError}. */
export function requireShell(text: string): CompletionShell {
  const shell = COMPLETION_SHELLS.find((known) => known === text);
  if (shell !== undefined) return shell;
  const nearest = findNearest(text, COMPLETION_SHELLS);
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  throw new UsageError(
    `no completion for ${text}${hint}; there is one for ${COMPLETION_SHELLS.join(', ')}`,
  );
}

interface VerbWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
}

interface OptionWords {
  readonly short: string | undefined;
  readonly long: string;
  readonly description: string;
  readonly choices: readonly string[];
}

/** Returns the completion script of a shell, made from the command line itself. */
export function writeCompletion(program: Command, shell: CompletionShell): string {
  const verbs = program.commands.map((command): VerbWords => ({
    name: command.name(),
    summary: command.summary(),
    options: command.options.map((option) => ({
      short: option.short,
      long: option.long ?? '',
      description: option.description,
      choices: option.argChoices ?? [],
    })),
  }));
  switch (shell) {
    case 'bash':
      return bashScript(verbs);
    case 'zsh':
      return zshScript(verbs);
    case 'fish':
      return fishScript(verbs);
  }
}

function bashScript(verbs: readonly VerbWords[]): string {
  const cases = verbs.map(({ name, options }) => {
    const words = [...options.flatMap(({ short, long }) => [short ?? '', long]), '--help'];
    return `    ${name}) words="${words.filter((word) => word !== '').join(' ')}" ;;`;
  });
  const choices = allOptions(verbs)
    .filter((option) => option.choices.length > 0)
    .map(({ short, long, choices: values }) => {
      const flags = short === undefined ? long : `${short}|${long}`;
      return `    ${flags}) words="${values.join(' ')}" ;;`;
    });
  return [
    '# bash completion of kraite',
    '_kraite() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=""',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac',
    `  [ "$COMP_CWORD" -eq 1 ] && words="${verbs.map(({ name }) => name).join(' ')}"`,
    '  case "$before" in',
    ...choices,
    '    -f|--filename|--state) COMPREPLY=($(compgen -f -- "$word")); return ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    '}',
    'complete -F _kraite kraite ./kraite',
  ].join('\n');
}

function zshScript(verbs: readonly VerbWords[]): string {
  const lines = verbs.map(({ name, summary }) => `    '${name}:${quote(summary)}'`);
  const cases = verbs.map(({ name, options }) => {
    const specs = options.map(({ long, description, choices }) => {
      const values = choices.length === 0 ? '' : `:value:(${choices.join(' ')})`;
      return `'${long}[${quote(description).replaceAll(/[[\]]/g, '')}]${values}'`;
    });
    return `    ${name}) _arguments ${[...specs, "'*:file:_files'"].join(' ')} ;;`;
  });
  return [
    '#compdef kraite',
    '_kraite() {',
    '  local -a verbs=(',
    ...lines,
    '  )',
    '  if (( CURRENT == 2 )); then _describe verb verbs; return; fi',
    '  case "${words[2]}" in',
    ...cases,
    '  esac',
    '}',
    'compdef _kraite kraite ./kraite',
  ].join('\n');
}

function fishScript(verbs: readonly VerbWords[]): string {
  const lines = verbs.flatMap(({ name, summary, options }) => [
    `complete -c kraite -n __fish_use_subcommand -f -a ${name} -d '${quote(summary)}'`,
    ...options.map(({ short, long, description, choices }) => {
      const shortPart = short === undefined ? '' : ` -s ${short.slice(1)}`;
      const values = choices.length === 0 ? '' : ` -x -a '${choices.join(' ')}'`;
      const condition = `'__fish_seen_subcommand_from ${name}'`;
      return `complete -c kraite -n ${condition}${shortPart} -l ${long.slice(2)}${values} -d '${quote(description)}'`;
    }),
  ]);
  return ['# fish completion of kraite', ...lines].join('\n');
}

function allOptions(verbs: readonly VerbWords[]): readonly OptionWords[] {
  const byLong = new Map(
    verbs.flatMap(({ options }) => options.map((option) => [option.long, option] as const)),
  );
  return [...byLong.values()];
}

/** Makes text safe between single quotes, and for zsh's colons. */
function quote(text: string): string {
  return text.replaceAll("'", '’').replaceAll(':', '\\:');
}
