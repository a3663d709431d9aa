import type { ProgramName } from '#pkg/local';

/** A measurement that a person runs by hand: `bench/NAME/main.ts`. It asserts nothing, it prints what it measured. */
export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** Programs that are brought before it starts. */
  readonly programs: readonly ProgramName[];
}

export const BENCHES: readonly Bench[] = [
  {
    name: 'backtest',
    summary: 'one configuration over two years of hourly candles, beside a plain walk',
    programs: [],
  },
  {
    name: 'budgets',
    summary: "what is used of the venue's and the provider's limits, beside other limiters",
    programs: ['redis'],
  },
  {
    name: 'engine',
    summary: 'the step engine on MariaDB, MySQL and Redis, beside other durable engines',
    programs: ['mariadb', 'redis', 'mysql'],
  },
  {
    name: 'open',
    summary: 'an opening from its submission to a protected position, and what of it is the venue',
    programs: ['mariadb', 'redis'],
  },
  {
    name: 'operator',
    summary: 'the operator beside one on controller-runtime, each on a real API server',
    programs: ['etcd', 'kube-apiserver', 'kubectl', 'helm'],
  },
  {
    name: 'signals',
    summary: 'a pass over the directions of all symbols, beside what the provider’s plan allows',
    programs: [],
  },
  {
    name: 'streams',
    summary:
      'ticks taken in, from a tick to the check that it asks for, and a thousand user sockets',
    programs: ['mariadb', 'redis'],
  },
  {
    name: 'venue',
    summary: 'signed requests of our client beside plain undici and two SDKs',
    programs: ['redis'],
  },
  {
    name: 'world',
    summary: 'how fast the simulated exchange runs through months, and how many customers it holds',
    programs: [],
  },
];
