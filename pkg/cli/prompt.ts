import { createInterface } from 'node:readline/promises';

import { InterruptedError } from './commands/until-answered.ts';
import type { CliContext } from './context.ts';

const ENTER: readonly string[] = ['\r', '\n', '\u0004'];
const INTERRUPT = '\u0003';
const BACKSPACE: readonly string[] = ['\u007f', '\b'];

/** Asks on the terminal; what is typed shows. */
export async function askOpen({ stdin, interrupt }: CliContext, question: string): Promise<string> {
  const asked = createInterface({ input: stdin, output: process.stderr });
  try {
    return await asked.question(question, { signal: interrupt.requested });
  } finally {
    asked.close();
  }
}

/** Asks on the terminal without echo. Throws {@link InterruptedError} on Ctrl-C. */
export async function askHidden(
  { stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>,
  question: string,
): Promise<string> {
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function readLine(stdin: NodeJS.ReadStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const typed: string[] = [];
  const read = (chunk: Buffer): void => {
    for (const character of chunk.toString('utf8')) {
      if (ENTER.includes(character)) return resolve(typed.join(''));
      if (character === INTERRUPT) return reject(new InterruptedError());
      if (BACKSPACE.includes(character)) typed.pop();
      else typed.push(character);
    }
  };
  stdin.on('data', read);
  return promise.finally(() => stdin.off('data', read));
}
