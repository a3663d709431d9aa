import { MODES, overdueMsOf, type Audience, type Severity } from '#pkg/modes';

import type { HealthFacts } from './facts.ts';

/** What a signal found: about whom, as a sentence. */
export interface Finding {
  /** Account, lane, symbol or entry; empty for the fleet. */
  readonly subject: string;
  readonly message: string;
}

export interface HealthSignal {
  readonly name: string;
  readonly question: string;
  /** In the unit that the question names. */
  readonly threshold: number;
  /** A finding is told when it has been seen for so long. */
  readonly graceMs: number;
  readonly severity: Severity;
  readonly audience: Audience;
  /** Where docs/guides/health.md says what to do. */
  readonly runbook: string;
  /** True: openings of the whole fleet are halted while it is told, and 30 clean minutes longer. */
  readonly halts: boolean;
  readonly find: (facts: HealthFacts, threshold: number) => readonly Finding[];
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Ready steps of a lane beyond which it does not keep up. Source: the predecessor's queue depths. */
const DEPTHS: Readonly<Record<string, number>> = {
  positions: 50,
  orders: 50,
  'user-data-stream': 100,
  priority: 200,
  cronjobs: 500,
  indicators: 5_000,
};

/** Errors that prove the position was flat already: the venue was right, and nothing is wrong with the engine. */
const FLAT_PROOF = /PositionAlreadyFlat|PositionNotOpen|-2022|ReduceOnly/;

/** Every signal, gravest first. */
export const HEALTH_SIGNALS: readonly HealthSignal[] = [
  {
    name: 'structure-drift',
    question: 'Has every quiet position its stop and its profit order at the venue?',
    threshold: 0,
    graceMs: 0,
    severity: 'critical',
    audience: 'operator',
    runbook: 'drift',
    halts: true,
    find: ({ drift }) => healedIn(drift, 'structure'),
  },
  {
    name: 'engine-errors',
    question: 'Did at most 24 steps of the trade fail within 20 minutes?',
    threshold: 25,
    graceMs: 0,
    severity: 'critical',
    audience: 'operator',
    runbook: 'engine',
    halts: true,
    find: ({ failedSteps }, threshold) => {
      const counted = failedSteps.filter(
        ({ reason, error }) => !FLAT_PROOF.test(`${reason ?? ''} ${error ?? ''}`),
      );
      return counted.length < threshold
        ? []
        : [{ subject: '', message: `${counted.length} steps failed within 20 minutes.` }];
    },
  },
  {
    name: 'failed-positions',
    question: 'Did at most one position fail within 20 minutes?',
    threshold: 2,
    graceMs: 0,
    severity: 'critical',
    audience: 'operator',
    runbook: 'engine',
    halts: true,
    find: ({ failedPositions }, threshold) =>
      failedPositions.length < threshold
        ? []
        : [
            {
              subject: '',
              message: `${failedPositions.length} positions failed within 20 minutes.`,
            },
          ],
  },
  {
    name: 'dispatcher-away',
    question: 'Does a dispatcher hold the lease?',
    threshold: 0,
    graceMs: 30 * SECOND_MS,
    severity: 'critical',
    audience: 'operator',
    runbook: 'engine',
    halts: false,
    find: ({ isDispatcherHere }) =>
      isDispatcherHere ? [] : [{ subject: '', message: 'No dispatcher holds the lease.' }],
  },
  {
    name: 'scheduler-away',
    question: 'Does a scheduler hold the lease?',
    threshold: 0,
    graceMs: 2 * MINUTE_MS,
    severity: 'critical',
    audience: 'operator',
    runbook: 'engine',
    halts: false,
    find: ({ isSchedulerHere }) =>
      isSchedulerHere ? [] : [{ subject: '', message: 'No scheduler holds the lease.' }],
  },
  {
    name: 'events-incomplete',
    question: "Are every account's events complete?",
    threshold: 0,
    graceMs: 2 * MINUTE_MS,
    severity: 'critical',
    audience: 'operator',
    runbook: 'streams',
    halts: false,
    find: ({ incompleteAccounts }) =>
      incompleteAccounts.map(({ account, deadLetters }) => ({
        subject: account,
        message: `Events of account ${account} may be missing; ${deadLetters} frames wait to be stored.`,
      })),
  },
  {
    name: 'marks-stale',
    question: 'Is the newest stored mark of every open position at most 60 s old?',
    threshold: MINUTE_MS,
    graceMs: 2 * MINUTE_MS,
    severity: 'critical',
    audience: 'operator',
    runbook: 'streams',
    halts: false,
    find: ({ nowMs, marks, positions }, threshold) => {
      const bySymbol = new Map(marks.map((row) => [row.symbol, row.atMs]));
      const symbols = [...new Set(positions.map(({ symbol }) => symbol))];
      return symbols
        .filter((symbol) => nowMs - (bySymbol.get(symbol) ?? 0) > threshold)
        .map((symbol) => ({ subject: symbol, message: `The mark of ${symbol} is stale.` }));
    },
  },
  {
    name: 'quantity-drift',
    question: 'Does every quiet position hold at the venue what its row says, to 0.1 %?',
    threshold: 0,
    graceMs: 0,
    severity: 'critical',
    audience: 'operator',
    runbook: 'drift',
    halts: false,
    find: ({ drift }) => healedIn(drift, 'quantity'),
  },
  {
    name: 'order-drift',
    question: 'Do the orders of every quiet position stand at the venue as in the rows?',
    threshold: 0,
    graceMs: 0,
    severity: 'warning',
    audience: 'operator',
    runbook: 'drift',
    halts: false,
    find: ({ drift }) => healedIn(drift, 'orders'),
  },
  {
    name: 'positions-stuck',
    question: 'Has every position left its transient status within 15 minutes?',
    threshold: 15 * MINUTE_MS,
    graceMs: 0,
    severity: 'critical',
    audience: 'operator',
    runbook: 'drift',
    halts: false,
    find: ({ nowMs, positions }, threshold) =>
      positions
        .filter(({ status, updatedAtMs }) => status !== 'active' && nowMs - updatedAtMs > threshold)
        .map(({ id, symbol, direction, status }) => ({
          subject: id,
          message: `The ${direction} of ${symbol} has been ${status} for more than 15 minutes.`,
        })),
  },
  {
    name: 'balances-stale',
    question: 'Was the balance of every trading account read within 15 minutes?',
    threshold: 15 * MINUTE_MS,
    graceMs: 0,
    severity: 'warning',
    audience: 'operator',
    runbook: 'accounts',
    halts: false,
    find: ({ nowMs, accounts, mode }, threshold) =>
      accounts
        .filter(({ isTradingOn, balanceAtMs, createdAtMs }) => {
          const sinceMs = Math.max(balanceAtMs ?? createdAtMs, settledAtMs(mode));
          return MODES[mode.name].admits && isTradingOn && nowMs - sinceMs > threshold;
        })
        .map(({ name }) => ({ subject: name, message: `The balance of ${name} is stale.` })),
  },
  {
    name: 'readings-stale',
    question: 'Was a direction concluded within 2 hours?',
    threshold: 120 * MINUTE_MS,
    graceMs: 0,
    severity: 'warning',
    audience: 'operator',
    runbook: 'signals',
    halts: false,
    find: ({ nowMs, directionAtMs, mode }, threshold) =>
      directionAtMs === undefined ||
      !MODES[mode.name].admits ||
      nowMs - Math.max(directionAtMs, settledAtMs(mode)) <= threshold
        ? []
        : [{ subject: '', message: 'No direction was concluded within 2 hours.' }],
  },
  {
    name: 'lane-unserved',
    question: 'Does some worker serve every lane that has work?',
    threshold: 0,
    graceMs: 30 * SECOND_MS,
    severity: 'critical',
    audience: 'operator',
    runbook: 'engine',
    halts: false,
    find: ({ engineWaits }) =>
      engineWaits
        .filter(({ reason }) => reason === 'LaneUnserved')
        .map(({ lane = '', count }) => ({
          subject: lane,
          message: `${count} steps of lane ${lane} wait, and no worker serves it.`,
        })),
  },
  {
    name: 'lane-crowded',
    question: 'Does every lane keep up with its work?',
    threshold: 1,
    graceMs: 2 * MINUTE_MS,
    severity: 'warning',
    audience: 'operator',
    runbook: 'engine',
    halts: false,
    find: ({ readyByLane }, factor) =>
      [...readyByLane]
        .filter(([lane, count]) => count > (DEPTHS[lane] ?? 500) * factor)
        .map(([lane, count]) => ({
          subject: lane,
          message: `${count} steps of lane ${lane} are ready; more than ${DEPTHS[lane] ?? 500} is too many.`,
        })),
  },
  {
    name: 'schedule-overdue',
    question: 'Has every run of the timetable ended within what its entry allows?',
    threshold: 1,
    graceMs: 0,
    severity: 'warning',
    audience: 'operator',
    runbook: 'engine',
    halts: false,
    find: ({ nowMs, scheduled, mode }, factor) =>
      MODES[mode.name].admits
        ? scheduled
            .filter(({ submittedAtMs, overlapMsMax }) => {
              const sinceMs = Math.max(submittedAtMs, settledAtMs(mode));
              return nowMs - sinceMs > overlapMsMax * factor;
            })
            .map(({ entry }) => ({
              subject: entry,
              message: `The last run of ${entry} has not ended, so the entry is mute.`,
            }))
        : [],
  },
  {
    name: 'mode-overdue',
    question: 'Does no mode stand longer than it is meant to?',
    threshold: 0,
    graceMs: 0,
    severity: 'critical',
    audience: 'operator',
    runbook: 'modes',
    halts: false,
    find: ({ nowMs, mode }) => {
      const overdueMs = overdueMsOf(mode, nowMs);
      return overdueMs === undefined
        ? []
        : [
            {
              subject: mode.name,
              message: `The mode ${mode.name} stands ${Math.ceil(overdueMs / MINUTE_MS)} minutes longer than it should.`,
            },
          ];
    },
  },
];

/** Nothing is stale for want of a run that a mode held: ages count from the end of the last mode. */
function settledAtMs({ sinceMs }: HealthFacts['mode']): number {
  return sinceMs;
}

/** A difference that a sync has not healed until the next look. */
function healedIn(
  drift: HealthFacts['drift'],
  kind: 'structure' | 'quantity' | 'orders',
): readonly Finding[] {
  return drift
    .filter((row) => row.kind === kind && row.looks > 1)
    .map(({ positionId, message }) => ({ subject: positionId, message }));
}
