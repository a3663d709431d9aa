import { findClusterPlace, type ClusterOptions } from '../cluster/place.ts';
import type { OutputFormat } from '../format/output.ts';
import {
  addClusterOptions,
  durationArgument,
  integerArgument,
  outputOption,
  stateOption,
  withExamples,
  type VerbRegistry,
} from '../verb-options.ts';

export type ReadingName =
  | 'status'
  | 'boxes'
  | 'lanes'
  | 'positions'
  | 'orders'
  | 'steps'
  | 'workflows'
  | 'events'
  | 'schedule'
  | 'figures'
  | 'health';

export interface ReadingOptions extends ClusterOptions {
  readonly state?: string;
  readonly output: OutputFormat;
  readonly watch?: true;
  readonly limit?: number;
  readonly is?: string;
  readonly name?: string;
  readonly account?: string;
  readonly olderThan?: number;
}

export interface LogsOptions {
  readonly state?: string;
  readonly follow?: true;
  readonly tail: number;
}

interface ReadingVerb {
  readonly name: ReadingName;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
  /** How many rows at most; undefined for what is never long. */
  readonly limit?: number;
  /** What it lists has a state, a name and an account. */
  readonly isOfEngine?: true;
  /** Its answer stands in the status of a KraiteFleet too. */
  readonly isOfCluster?: true;
}

const READING_VERBS: readonly ReadingVerb[] = [
  {
    name: 'status',
    summary: 'the fleet in ten lines: what runs, and why something waits',
    description:
      'Shows the fleet as a whole: boxes, lanes, positions, and every reason for a wait.',
    examples: [
      ['status', 'one look'],
      ['status -w', 'again whenever something changes'],
      ['status --cluster -n kraite', 'of a fleet in a cluster'],
    ],
    isOfCluster: true,
  },
  {
    name: 'boxes',
    summary: 'boxes with their role, addresses and processes',
    description:
      'Lists the boxes: role, state, the address that identifies each, and the one it binds here.',
    examples: [
      ['boxes', 'one line for each box'],
      ['boxes -o wide', 'with processes, pids and restarts'],
    ],
    isOfCluster: true,
  },
  {
    name: 'lanes',
    summary: 'lanes with slots, busy ones and what waits',
    description:
      'Lists the lanes of every box: slots, how many are busy, and what waits in the queue.',
    examples: [
      ['lanes', 'one line for each lane of each box'],
      ['lanes -w', 'and a new line whenever one changes'],
    ],
    isOfCluster: true,
  },
  {
    name: 'positions',
    summary: 'open positions; with -o wide also the closed ones',
    description:
      'Lists positions: open ones first. -o wide, json and yaml also show the closed ones.',
    examples: [
      ['positions', 'what is open'],
      ['positions -o json', 'every field'],
    ],
    limit: 100,
  },
  {
    name: 'orders',
    summary: 'orders, newest first',
    description: 'Lists orders, newest first.',
    examples: [
      ['orders', 'the newest ones'],
      ['orders --limit 500 -o json', 'more of them, with every field'],
    ],
    limit: 50,
  },
  {
    name: 'steps',
    summary: 'steps of the engine, newest first',
    description: 'Lists the steps that workflows are made of, newest first.',
    examples: [
      ['steps', 'the newest ones'],
      ['steps -w', 'and every change'],
      ['steps --is failed --account main', 'what failed for one account'],
    ],
    limit: 50,
    isOfEngine: true,
  },
  {
    name: 'workflows',
    summary: 'workflows, newest first',
    description: 'Lists workflows, newest first, with the reason where one waits.',
    examples: [
      ['workflows', 'the newest ones'],
      ['workflows --is running --older-than 5m', 'what takes long'],
    ],
    limit: 50,
    isOfEngine: true,
  },
  {
    name: 'events',
    summary: 'what happened, oldest first',
    description: 'Lists what happened in the fleet, oldest first.',
    examples: [
      ['events', 'the newest fifty'],
      ['events -w', 'and what happens from now on'],
    ],
    limit: 50,
  },
  {
    name: 'figures',
    summary: 'what each account holds, may lose and has earned',
    description:
      'Lists the figures of each account in USDT: profit by the ledger of the venue (days are UTC, deposits are no profit),\nexposure at the newest marks, the loss if every ladder filled and was stopped, by long and short.',
    examples: [
      ['figures', 'one line for each account'],
      ['figures -o json', 'with every day, exact to the last digit'],
    ],
  },
  {
    name: 'health',
    summary: 'every question of the watch over the fleet, and what is not well',
    description:
      'Lists the health signals with what the last look found: well, or since when not, and for whom. A look is taken each minute.',
    examples: [
      ['health', 'what is not well'],
      ['health -o wide', 'every question with its threshold'],
    ],
  },
  {
    name: 'schedule',
    summary: 'the timetable: next and last runs, and why one was held',
    description:
      'Lists the entries of the timetable (UTC) with their next run, their last, how long it took and why it was held.',
    examples: [
      ['schedule', 'one line for each entry'],
      ['schedule -w', 'and a new line whenever one changes'],
    ],
  },
];

const LIMIT_MAX = 10_000;

/** Adds the verbs that only look. */
export function addReadingVerbs(registry: VerbRegistry): void {
  for (const verb of READING_VERBS) addReadingVerb(registry, verb);
  addLogs(registry);
}

function addReadingVerb({ program, context, result }: VerbRegistry, verb: ReadingVerb): void {
  const command = program
    .command(verb.name)
    .summary(verb.summary)
    .description(verb.description)
    .addOption(outputOption())
    .option('-w, --watch', 'go on and print what changes')
    .addOption(stateOption());
  if (verb.limit !== undefined) {
    command.option(
      '--limit <n>',
      `at most so many (default: ${verb.limit})`,
      integerArgument('--limit', { min: 1, max: LIMIT_MAX }),
    );
  }
  if (verb.isOfEngine === true) {
    command
      .option('--is <state>', 'only those in this state')
      .option('--name <name>', 'only those of this name')
      .option('--account <account>', 'only those of this account, by name or id')
      .option('--older-than <duration>', 'only older ones (5m)', durationArgument('--older-than'));
  }
  if (verb.isOfCluster === true) addClusterOptions(command);
  withExamples(command, verb.examples).action(async (options: ReadingOptions) => {
    const place = findClusterPlace(context, options);
    if (place !== undefined) {
      const { runClusterReading } = await import('../cluster/read-cluster.ts');
      result.exitCode = await runClusterReading(context, verb.name, { ...options, place });
      return;
    }
    const { runReading } = await import('../commands/read.ts');
    const limit = options.limit ?? verb.limit ?? LIMIT_MAX;
    result.exitCode = await runReading(context, verb.name, { ...options, limit });
  });
}

const TAIL_DEFAULT = 200;

function addLogs({ program, context, result }: VerbRegistry): void {
  const command = program
    .command('logs')
    .summary('what the processes of a box log')
    .description('Prints the log lines of a box (or of one process), oldest first.')
    .argument('[box]', 'a box or a process, for example eos or athena-dispatcher; all when absent')
    .option('-f, --follow', 'go on with what is logged from now on')
    .option(
      '--tail <n>',
      `so many lines of each process (default: ${TAIL_DEFAULT})`,
      integerArgument('--tail', { min: 0, max: 1_000_000 }),
      TAIL_DEFAULT,
    )
    .addOption(stateOption());
  withExamples(command, [
    ['logs eos', 'the newest lines of eos'],
    ['logs -f athena-dispatcher', 'one process, as it goes'],
  ]).action(async (box: string | undefined, options: LogsOptions) => {
    const { runLogs } = await import('../commands/logs.ts');
    result.exitCode = await runLogs(context, box, options);
  });
}
