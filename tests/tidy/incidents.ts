/**
 * What went wrong in the fleet before this one, by number, and what holds it here.
 *
 * A test whose name contains "(incident N)" counts by itself. `held` names tests of other names; `unlike` says why it
 * cannot happen here, and `open` what is still missing. `incidents-page.test.ts` makes `docs/internals/incidents.md` of it.
 */
export interface Incident {
  /** What happened there. */
  readonly what: string;
  /** File, then a part of the test's name. */
  readonly held?: readonly (readonly [file: string, test: string])[];
  readonly unlike?: string;
  readonly open?: string;
}

const TREE = 'pkg/steps/tree/tree.test.ts';
const ENGINE = 'tests/engine/failures.test.ts';

/** Key: the incident's number. */
export const INCIDENTS: Readonly<Record<number, Incident>> = {
  1: {
    what: 'Every step waited for the next look of a poll; an opening took minutes.',
    held: [['tests/engine/workflows.test.ts', 'a sequence runs in order, in one slot']],
  },
  2: {
    what: 'A phase of the dispatcher that did nothing ended each round; a group stood for 16 h.',
    held: [['pkg/steps/dispatcher/rounds.test.ts', 'a round follows when the one before it said']],
  },
  3: {
    what: 'A skipped parent with running children wedged its block.',
    held: [
      ['pkg/steps/tree/by-hand.test.ts', 'takes everything below with it, and its block goes on'],
    ],
  },
  4: {
    what: 'One urgent step that could not run starved 660 others.',
    held: [['pkg/steps/incidents.test.ts', 'holds nobody up']],
  },
  5: {
    what: 'Bulk work delayed a correction for 8 minutes.',
    held: [['pkg/steps/incidents.test.ts', 'a flood of ordinary steps delays an urgent one']],
  },
  6: {
    what: 'Children did not inherit urgency: a new stop waited behind bulk.',
    held: [['pkg/steps/incidents.test.ts', 'are as urgent as their workflow']],
  },
  7: { what: 'Recovery ran parents again and opened positions twice.' },
  8: {
    what: 'Endless retries wrote a log of 64 GB.',
    held: [[TREE, 'failures are retried until the attempts are spent']],
  },
  9: {
    what: 'A process for each tick: load 105.',
    unlike: 'Workers and dispatcher are long-lived processes; nothing is started for a step.',
  },
  10: { what: 'Two positions opened for one slot: a check without a lock.' },
  11: { what: 'The profit order filled before the stop existed.' },
  12: { what: 'The entry filled, then a rung was under the minimum notional.' },
  13: { what: 'A repeated limit order counted as a failure.' },
  14: { what: 'A frame overwrote the quantity of an order.' },
  15: { what: 'A missing average price put the profit order at a third of the price.' },
  16: { what: 'Frames out of order: two hours of alerts, prices of zero.' },
  17: { what: 'One-way and hedge keys were mixed up, and re-averaging broke.' },
  18: { what: 'A cancel for the whole symbol removed the orders of another position.' },
  19: { what: 'An exception in a check left a position without a stop.' },
  20: { what: 'The rejection of a reduce-only order was read as an error storm.' },
  21: { what: 'The guard of structure took a winning close for a broken position.' },
  22: { what: 'Maintenance stood for 53 h, backups with it, and nobody was told.' },
  23: { what: 'Prices stood still: name lookups, zombie sockets, a retired address.' },
  24: { what: 'A reconnect started a running loop again.' },
  25: { what: 'A storm of restarts of the user streams; a fixed memory limit.' },
  26: { what: 'A sweep over incomes earned a refusal of the venue.' },
  27: { what: 'A bucket that was not atomic: a fifth of the readings refused.' },
  28: { what: 'A burst from one address was refused.' },
  29: {
    what: 'A renamed queue stranded closes.',
    held: [
      ['pkg/steps/engine-waits.test.ts', 'steps of a lane that no living worker serves say so'],
    ],
  },
  30: {
    what: 'Daemons ran old code after a deploy.',
    held: [
      ['pkg/steps/worker/step-worker.test.ts', 'leaves a step whose version it does not know'],
    ],
  },
  31: {
    what: 'A time-out shorter than a job delivered it twice.',
    held: [[ENGINE, 'a worker that was frozen past its lease and wakes up changes nothing']],
  },
  32: {
    what: 'One rejected symbol emptied the candles: no openings, no error, no reason.',
    held: [
      ['pkg/regime/regime.test.ts', 'candles that are missing, old or full of holes are a reason'],
    ],
  },
  33: { what: 'Readings of different runs made directions that never were.' },
  34: {
    what: 'Hosts in different time zones wrote stamps of the future.',
    unlike:
      'Instants are milliseconds since 1970 everywhere; the timetable is read in UTC (`an expression is read in UTC`).',
  },
  35: {
    what: 'A command emptied production; a copy of the database traded a real account.',
    held: [
      [
        'pkg/local/state-folder.test.ts',
        'a folder with other content is never used and never emptied',
      ],
    ],
  },
  36: {
    what: 'Backups froze the writers, and failed silently at their limit.',
    open: 'Backups of the chart are kept and counted; their freshness is an alert of the chart alone.',
  },
  37: { what: 'Logged requests filled 14 GB; hot rows of prices locked each other out.' },
  38: { what: "The user's own positions were closed as orphans." },
  39: { what: 'Two openings flipped the position mode back and forth.' },
  40: { what: 'Partial closes drifted; an order was corrected that was right.' },
  41: {
    what: 'A renamed symbol and units of a thousand were mismatched.',
    held: [['pkg/selection/explain-symbol.test.ts', 'is not traded any more']],
    unlike: 'One venue is traded, by its own names and units; nothing is matched across venues.',
  },
  42: {
    what: 'A refused notification took the notifier down; tests paged people.',
  },
  43: {
    what: 'One box held everything.',
    held: [[ENGINE, 'without a dispatcher, workers finish what is admitted']],
  },
  44: { what: 'Positions stayed in syncing for ever.' },
  45: {
    what: 'A mutex of a day muted a watchdog.',
    held: [
      [
        'pkg/schedule/schedule.test.ts',
        'does not run an entry beside its own last run, and says so',
      ],
    ],
  },
  46: {
    what: 'Noise of a provider hid real failures.',
    held: [['pkg/steps/worker/outcomes.test.ts', 'counts no attempt when the database was away']],
  },
  47: { what: 'An order whose reply was lost was never adopted.' },
  48: {
    what: 'The liveness of the scheduler was inferred from something else.',
    held: [['tests/engine/singletons.test.ts', 'the one that ends in order hands over']],
  },
  49: {
    what: 'A source of pauses was invisible: openings stood for 4 h.',
    held: [['pkg/guards/modes.test.ts', 'every mode but normal holds openings with a reason']],
  },
  50: { what: 'The reported profit was not what the venue paid.' },
  51: {
    what: 'Statistics on price levels, outliers, the oldest window.',
    held: [
      ['pkg/statistics/statistics.test.ts', 'two series that only share a trend look related'],
    ],
  },
  52: { what: 'Six ladders of one side could lose three quarters of the account.' },
  53: { what: "Limits were constants in a file instead of the venue's own." },
  54: {
    what: 'Pages that stayed open grew without end and showed the past.',
    open: 'Pages are fed by events; no test leaves one open for long.',
  },
  55: {
    what: 'A deploy restarted things under writers that still ran.',
    held: [
      [
        'pkg/steps/worker/step-worker.test.ts',
        'that drains takes nothing more and finishes what runs',
      ],
    ],
  },
  56: { what: 'A workflow stopped without a word of why.' },
  57: { what: 'Closes at the venue were put down to the wrong cause.' },
  58: { what: 'A close was announced before its result was known.' },
};
