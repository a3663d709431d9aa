/** The flags of a bench or a soak: a figure that is none would run nothing and call it a result. */
import { parseArgs } from 'node:util';

import { toError } from '#pkg/base';

type Default = number | readonly number[] | string | boolean | undefined;

type Values<Defaults extends Readonly<Record<string, Default>>> = {
  readonly [Name in keyof Defaults]: Defaults[Name] extends number
    ? number
    : Defaults[Name] extends readonly number[]
      ? readonly number[]
      : Defaults[Name] extends boolean
        ? boolean
        : Defaults[Name] extends string
          ? string
          : string | undefined;
};

/** Flags that are wrong; the message says what to write. */
export class ExerciseOptionsError extends Error {}

/**
 * Returns the flags of `args`, each of the kind of its default: a number above 0, numbers with commas, some of the names of a default with
 * commas, any other text, or a switch. Throws {@link ExerciseOptionsError}.
 */
export function parseExerciseOptions<const Defaults extends Readonly<Record<string, Default>>>(
  args: readonly string[],
  defaults: Defaults,
): Values<Defaults> {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { type: typeof value === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const given = readFlags(args, options);
  return Object.fromEntries(
    Object.entries(defaults).map(([name, preset]) => {
      const text = given[name];
      return [name, typeof text === 'string' ? valueOf(name, text, preset) : (text ?? preset)];
    }),
  ) as Values<Defaults>;
}

/** As {@link parseExerciseOptions} of this process' own flags; what is wrong ends it with a sentence and code 2. */
export function readExerciseOptions<const Defaults extends Readonly<Record<string, Default>>>(
  defaults: Defaults,
): Values<Defaults> {
  try {
    return parseExerciseOptions(process.argv.slice(2), defaults);
  } catch (error) {
    if (!(error instanceof ExerciseOptionsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

function readFlags(
  args: readonly string[],
  options: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>,
): Readonly<Record<string, string | boolean | undefined>> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const [sentence] = toError(error).message.split('\n');
    throw new ExerciseOptionsError(
      `${sentence?.replace(/\.$/u, '')}; flags are ${known.join(' ')}`,
    );
  }
}

function valueOf(name: string, text: string, preset: Default): Default {
  if (typeof preset === 'number') return numberOf(name, text);
  if (Array.isArray(preset)) return text.split(',').map((each) => numberOf(name, each));
  if (typeof preset === 'string' && preset.includes(',')) checkNames(name, text, preset);
  return text;
}

function checkNames(name: string, text: string, preset: string): void {
  const unknown = text.split(',').find((each) => !preset.split(',').includes(each));
  if (unknown === undefined) return;
  throw new ExerciseOptionsError(`--${name}: ${unknown} is none of ${preset}`);
}

function numberOf(name: string, text: string): number {
  const value = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new ExerciseOptionsError(`--${name}: ${text} is no number above 0`);
}
