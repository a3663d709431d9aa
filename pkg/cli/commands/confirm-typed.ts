import { createInterface } from 'node:readline/promises';

import { writeLine, type CliContext } from '../context.ts';

/** True when the person typed `word`, here and now or as an option; false where nobody can be asked. */
export async function confirmTyped(
  { stdin, stderr }: CliContext,
  {
    question,
    word,
    given,
  }: { readonly question: string; readonly word: string; readonly given: string | undefined },
): Promise<boolean> {
  if (given !== undefined) return given === word;
  if (!stdin.isTTY) return false;
  const asked = createInterface({ input: stdin, output: process.stderr });
  try {
    writeLine(stderr, question);
    return (await asked.question(`Type ${word} to go on: `)).trim() === word;
  } finally {
    asked.close();
  }
}
