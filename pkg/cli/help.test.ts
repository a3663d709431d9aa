import { expect, test } from 'vitest';

import { createStage } from '../../tests/harness/cli-stage.ts';
import { readGolden } from '../../tests/harness/golden.ts';
import { createProgram } from './program.ts';
import { runKraite } from './run.ts';

async function helpOf(args: readonly string[]): Promise<string> {
  const { context, written } = createStage();
  expect(await runKraite(args, context)).toBe(0);
  expect(written.stderr).toBe('');
  return written.stdout;
}

function verbNames(): readonly string[] {
  return createProgram(createStage().context, { exitCode: 0 }).commands.map((verb) => verb.name());
}

test('the help of the whole and of every verb is the golden one', async () => {
  const verbs = verbNames().filter((name) => name !== 'exchange-sim');
  const pages = [await helpOf(['--help'])];
  for (const verb of verbs) pages.push(await helpOf([verb, '--help']));
  const text = pages.join(`${'-'.repeat(40)}\n`);
  expect(text).toBe(readGolden('tests/golden/cli/help.txt', text));
});

test('as a plugin of kubectl it says what was typed, and takes no box away', async () => {
  const { context, written } = createStage({ invokedAs: 'kubectl kraite' });
  expect(await runKraite(['--help'], context)).toBe(0);
  expect(await runKraite(['boxes', '--help'], context)).toBe(0);
  expect(written.stdout).toContain('Usage: kubectl kraite VERB');
  expect(written.stdout).toContain('Usage: kubectl kraite boxes');
  expect(written.stdout).toMatch(/^ {2}kubectl kraite boxes -o wide/m);
  expect(written.stdout).not.toMatch(/^ {2}kraite /m);
  expect(await runKraite(['kill-box', 'eos'], context)).toBe(2);
  expect(written.stderr).toContain("unknown command 'kill-box'");
  expect(written.stderr).toContain('kubectl kraite --help lists the verbs');
});

test('every verb shows an example of its own', async () => {
  for (const verb of verbNames()) {
    expect(await helpOf([verb, '--help']), verb).toMatch(new RegExp(`kraite ${verb}\\b`));
  }
});

test.each([
  {
    typed: ['upp'],
    says: "unknown command 'upp'\n(Did you mean up?)\n./kraite --help lists the verbs",
  },
  { typed: ['up', '--sed', '7'], says: "unknown option '--sed'\n(Did you mean --seed?)" },
  { typed: ['up', '--seed', 'x'], says: '--seed: x is not a whole number from 0 to 4294967295' },
  {
    typed: ['up', '--for', '2 days'],
    says: '--for: 2 days is not a duration; write it as 90s, 2m or 1h30m',
  },
  {
    typed: ['up', '--fresh', '--mysql', 'mysql://h/d'],
    says: '--fresh forgets a state folder, not a database',
  },
  { typed: ['up', '-f', 'none.yaml'], says: '/nowhere/none.yaml cannot be read' },
  {
    typed: ['boxes', '-o', 'jsn'],
    says: "'jsn' is invalid. Allowed choices are text, wide, json, yaml.",
  },
  { typed: ['kill-box'], says: "missing required argument 'boxes'" },
  { typed: ['kill-box', ','], says: 'name at least one box' },
  { typed: ['apply'], says: "required option '-f, --filename <file>' not specified" },
  { typed: ['completion', 'bsh'], says: 'no completion for bsh (did you mean bash?)' },
  { typed: [], says: 'Usage: kraite VERB' },
])('wrong use exits with 2 and says what to do: $typed', async ({ typed, says }) => {
  const { context, written } = createStage();
  expect(await runKraite(typed, context)).toBe(2);
  expect(written.stderr).toContain(says);
  expect(written.stdout).toBe('');
});

test.each([
  'status',
  'boxes',
  'lanes',
  'positions',
  'orders',
  'steps',
  'workflows',
  'events',
  'web-password',
])('%s of a fleet that is down says how to start it', async (verb) => {
  const { context, written } = createStage();
  expect(await runKraite([verb, '--state', 'x'], context)).toBe(1);
  expect(written.stderr).toBe(
    'kraite: no fleet runs on /nowhere/x; start it with: ./kraite up --state x\n',
  );
});

test('stopping a fleet that is down is no failure', async () => {
  const { context, written } = createStage();
  expect(await runKraite(['down', '--state', 'x'], context)).toBe(0);
  expect(written.stdout).toBe('no fleet runs on /nowhere/x\n');
});

test.each(['bash', 'zsh', 'fish'])('the completion of %s knows every verb', async (shell) => {
  const script = await helpOf(['completion', shell]);
  for (const verb of verbNames()) expect(script).toContain(verb);
});
