import type { Bench } from './benches.ts';

/** Long searches that a person runs by hand: `tests/soak/NAME/main.ts`. The suite draws a small share of each. */
export const SOAKS: readonly Bench[] = [
  {
    name: 'engine',
    summary: 'the step engine in one thread, under one seed after another, with every fault',
    programs: [],
  },
  {
    name: 'fleet',
    summary:
      'all of the fleet and the venue in one thread, a day of trading under one seed after another',
    programs: [],
  },
  {
    name: 'kill',
    summary:
      'kill -9 of workers, dispatcher, Redis and MariaDB while work with outside effects runs',
    programs: ['mariadb', 'redis'],
  },
];
