import { COMPLETION_SHELLS, type CompletionShell } from '../completion.ts';
import { EXIT_OK, writeLine } from '../context.ts';
import { integerArgument, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface ExchangeSimOptions {
  readonly listen: string;
  readonly account: readonly string[];
  readonly seed?: number;
  readonly taapiListen?: string;
}

const SEED_MAX = 4_294_967_295;

/** Adds the verbs beside the fleet: the exchange on its own, the tests, the version, the completion. */
export function addToolVerbs(registry: VerbRegistry): void {
  addExchangeSim(registry);
  addTest(registry);
  addVersion(registry);
  addCompletion(registry);
}

function addExchangeSim({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('exchange-sim')
    .summary('the simulated exchange on its own, for any client')
    .description(
      'Runs the simulated exchange alone. It speaks the wire protocol of Binance USD-M futures, so any client for\nthat venue can be pointed at it. Prints one ready line with its base URLs.',
    )
    .requiredOption('--listen <host:port>', 'where REST and the streams listen')
    .option(
      '--account <key:secret:usdt>',
      'an account and its first balance; may be given more than once',
      (text: string, all: readonly string[]) => [...all, text],
      [] as readonly string[],
    )
    .option(
      '--seed <n>',
      'seed of the market (default: 1)',
      integerArgument('--seed', { min: 0, max: SEED_MAX }),
    )
    .option('--taapi-listen <host:port>', 'also answer as the indicator provider there');
  withExamples(verb, [
    ['exchange-sim --listen 127.0.0.1:9090 --account KEY:SECRET:10000', 'one account with 10000 USDT'],
  ]).action(async (options: ExchangeSimOptions) => {
    const { runExchangeSim } = await import('../commands/exchange-sim.ts');
    result.exitCode = await runExchangeSim(context, options);
  });
}

function addTest({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('test')
    .summary('every check and test')
    .description('Runs every check and test and prints how long each part took; with names, only those parts.')
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
