import type { EgressEchoOptions } from '../commands/egress-echo.ts';
import { COMPLETION_SHELLS, type CompletionShell } from '../completion.ts';
import { EXIT_OK, isPlugin, writeLine } from '../context.ts';
import { withExamples, type VerbRegistry } from '../verb-options.ts';

/** Adds the verbs beside the fleet: the exchange on its own, the address echo, the tests, the version, the completion. */
export function addToolVerbs(registry: VerbRegistry): void {
  addExchangeSim(registry);
  addEgressEcho(registry);
  addTest(registry);
  addBench(registry);
  addSoak(registry);
  addVersion(registry);
  // The scripts complete the word `kraite`.
  if (!isPlugin(registry.context)) addCompletion(registry);
}

/** Its flags are its own program's: they are handed over as they were typed, `--help` included. */
function addExchangeSim({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('exchange-sim')
    .summary('the simulated exchange on its own, for any client')
    .description(
      'Runs the simulated exchange alone. It speaks the wire protocol of Binance USD-M futures, so any client for\nthat venue can be pointed at it. Prints one ready line with its base URLs.',
    )
    .argument('[flags...]', 'see: kraite exchange-sim --help')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions();
  withExamples(verb, [
    [
      'exchange-sim --listen 127.0.0.1:9090 --account KEY:SECRET:10000',
      'an account with 10000 USDT',
    ],
  ]).action(async (flags: readonly string[]) => {
    const { runExchangeSim } = await import('#pkg/exchange/simulated');
    result.exitCode = await runExchangeSim(flags, {
      writeOut: (text) => void context.stdout.write(text),
      writeError: (text) => void context.stderr.write(text),
      signal: context.interrupt.requested,
    });
  });
}

function addEgressEcho({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('egress-echo')
    .summary('tells whoever asks which address it sees')
    .description(
      'Serves every GET with the address that it came from, as plain text. Run it outside the cluster,\nat the open network and behind no proxy, and name its URL among the echo endpoints of the operator: the\nboxes prove their addresses by it.',
    )
    .option('--listen <host:port>', 'where to listen', '0.0.0.0:8080')
    .option('--tls-cert <file>', 'certificate in PEM, to serve HTTPS')
    .option('--tls-key <file>', 'its key in PEM');
  withExamples(verb, [
    ['egress-echo --listen 0.0.0.0:8080', 'over HTTP'],
    ['egress-echo --listen :443 --tls-cert tls.crt --tls-key tls.key', 'over HTTPS'],
  ]).action(async (options: EgressEchoOptions) => {
    const { runEgressEcho } = await import('../commands/egress-echo.ts');
    result.exitCode = await runEgressEcho(context, options);
  });
}

function addTest({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('test')
    .summary('every check and test')
    .description(
      'Runs every check and test and prints how long each part took; with names, only those parts.',
    )
    .argument('[parts...]', 'parts to run')
    .allowUnknownOption()
    .passThroughOptions();
  withExamples(verb, [
    ['test', 'everything'],
    ['test static unit', 'two parts'],
  ]).action(async (parts: readonly string[]) => {
    const { runTest } = await import('../commands/test.ts');
    result.exitCode = await runTest(context, parts);
  });
}

function addBench(registry: VerbRegistry): void {
  addExercise(registry, 'bench', {
    summary: 'measure, beside what else could be used',
    description:
      'Runs one measurement and prints what it measured. Nothing is asserted: machines differ, so compare\nfigures of one run only.',
    argument: 'what to measure; an unknown name lists them',
    examples: [['bench engine', 'how fast step follows step']],
  });
}

function addSoak(registry: VerbRegistry): void {
  addExercise(registry, 'soak', {
    summary: 'search for faults for as long as you like',
    description:
      'Runs one long search under seeds. The first seed that fails is printed, and does the same again when it is\nnamed with --first-seed.',
    argument: 'what to search; an unknown name lists them',
    examples: [
      ['soak engine --seeds 100000', 'the step engine under so many seeds'],
      ['soak engine --seeds 1 --first-seed 4711', 'one of them again'],
      ['soak fleet --seeds 100', 'a day of trading under so many seeds'],
    ],
  });
}

function addExercise(
  { program, context, result }: VerbRegistry,
  kind: 'bench' | 'soak',
  texts: {
    readonly summary: string;
    readonly description: string;
    readonly argument: string;
    readonly examples: readonly (readonly [string, string])[];
  },
): void {
  const verb = program
    .command(kind)
    .summary(texts.summary)
    .description(texts.description)
    .argument('<name>', texts.argument)
    .argument('[flags...]', 'its own flags')
    .allowUnknownOption()
    .passThroughOptions();
  withExamples(verb, texts.examples).action(async (name: string, flags: readonly string[]) => {
    const { runExerciseVerb } = await import('../commands/exercise.ts');
    result.exitCode = await runExerciseVerb(context, kind, { name, flags });
  });
}

function addVersion({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('version')
    .summary('the release and what it runs on')
    .description('Prints the release and the Node it runs on.');
  withExamples(verb, [['version', 'for a bug report']]).action(async () => {
    const { runVersion } = await import('../commands/version.ts');
    result.exitCode = runVersion(context);
  });
}

function addCompletion({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('completion')
    .summary('shell completion for bash, zsh or fish')
    .description('Prints the completion script of a shell.')
    .argument('<shell>', `one of ${COMPLETION_SHELLS.join(', ')}`);
  withExamples(verb, [
    ['completion bash > ~/.local/share/bash-completion/completions/kraite', 'bash'],
    ['completion zsh > "${fpath[1]}/_kraite"', 'zsh'],
    ['completion fish > ~/.config/fish/completions/kraite.fish', 'fish'],
  ]).action(async (shell: string) => {
    const { requireShell, writeCompletion } = await import('../completion.ts');
    const known: CompletionShell = requireShell(shell);
    writeLine(context.stdout, writeCompletion(program, known));
    result.exitCode = EXIT_OK;
  });
}
