import { storeLedgers } from '#pkg/figures';
import { checkDrift, pruneRecords, watchFleet } from '#pkg/guards';
import { recoverFrames, syncOrders } from '#pkg/lifecycles';
import type { ModeName } from '#pkg/modes';
import { sendNotifications } from '#pkg/notifications';
import { defineEntry, type TimetableEntry } from '#pkg/schedule';
import { createPositions, storeBalances } from '#pkg/selection';
import {
  concludeDirections,
  pruneCandles,
  refreshCandles,
  refreshSymbols,
  scoreMarketHourly,
  watchMarketMinutely,
} from '#pkg/signals';

const MINUTE_MS = 60_000;

/** In a freeze no step runs, so nothing is submitted either. */
const IN_FREEZE: readonly ModeName[] = ['freeze'];
/** Ordinary work of the trade: held where nothing new begins. */
const IN_PAUSES: readonly ModeName[] = ['cooldown', 'maintenance', 'freeze'];
/** What only leads to openings. */
const WHERE_NOTHING_OPENS: readonly ModeName[] = [...IN_PAUSES, 'close-only', 'warm-up'];

/**
 * What runs when, in UTC, in which modes it is held, and how long one run may take before that is alarmed.
 *
 * Events do most of this at once (a freed slot, a finished pass, a frame of a stream); the timetable is the net
 * under them and the clock of what has no event. The lane is that of the workflow's first step. What the
 * predecessor's timetable did beside this is no entry here: recovery, wake-ups and archiving are rounds of the
 * dispatcher, listen keys are kept by the user stream.
 */
export const TIMETABLE: readonly TimetableEntry[] = [
  defineEntry({
    name: 'refresh-symbols',
    purpose: "Reads the venue's symbols, their filters, leverage brackets and 24 h turnover.",
    workflow: refreshSymbols,
    cron: '15 * * * *',
    atStart: true,
    heldIn: IN_PAUSES,
    overlapMsMax: 60 * MINUTE_MS,
  }),
  defineEntry({
    name: 'store-balances',
    purpose: 'Reads the balance of every account.',
    workflow: storeBalances,
    cron: '*/5 * * * *',
    atStart: true,
    heldIn: IN_PAUSES,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'store-ledgers',
    purpose: 'Reads what the venue booked for every account: profit, fees, funding, transfers.',
    workflow: storeLedgers,
    // Each close has its account read at once; funding is booked on the hour.
    cron: '3 * * * *',
    atStart: true,
    heldIn: IN_PAUSES,
    overlapMsMax: 30 * MINUTE_MS,
  }),
  defineEntry({
    name: 'score-market',
    purpose: 'Scores the market of BTC and ETH, and begins or ends a cooldown of openings.',
    workflow: scoreMarketHourly,
    // Again five minutes later, for a candle that the venue published late.
    cron: '1,6 * * * *',
    atStart: true,
    after: ['refresh-symbols'],
    heldIn: IN_PAUSES,
    overlapMsMax: 10 * MINUTE_MS,
  }),
  defineEntry({
    name: 'watch-market',
    purpose: 'Looks at the last minute for a shock.',
    workflow: watchMarketMinutely,
    cron: '* * * * *',
    atStart: true,
    after: ['refresh-symbols'],
    heldIn: IN_FREEZE,
    overlapMsMax: 3 * MINUTE_MS,
  }),
  defineEntry({
    name: 'refresh-candles',
    purpose: 'Reads the candles that closed since, of every symbol and timeframe.',
    workflow: refreshCandles,
    cron: '5 * * * *',
    atStart: true,
    after: ['refresh-symbols'],
    heldIn: IN_PAUSES,
    overlapMsMax: 30 * MINUTE_MS,
  }),
  defineEntry({
    name: 'conclude-directions',
    purpose: 'Reads the indicators of every symbol and concludes its direction.',
    workflow: concludeDirections,
    cron: '30 * * * *',
    atStart: true,
    after: ['refresh-symbols'],
    heldIn: IN_PAUSES,
    overlapMsMax: 45 * MINUTE_MS,
  }),
  defineEntry({
    name: 'create-positions',
    purpose: 'Looks at free slots and opens what the gates let through.',
    workflow: createPositions,
    cron: '*/3 * * * *',
    atStart: false,
    after: ['refresh-symbols'],
    heldIn: WHERE_NOTHING_OPENS,
    overlapMsMax: 3 * MINUTE_MS,
  }),
  defineEntry({
    name: 'sync-orders',
    purpose:
      "Compares the orders of open positions with the venue's, where events may be missing first, and heals what differs.",
    workflow: syncOrders,
    cron: '*/5 * * * *',
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'recover-frames',
    purpose: 'Submits again what a stream delivered and nobody worked on.',
    workflow: recoverFrames,
    cron: '* * * * *',
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'watch-fleet',
    purpose: 'Asks the health signals, tells what they found, and begins or ends halts.',
    workflow: watchFleet,
    cron: '* * * * *',
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'send-notifications',
    purpose: 'Delivers what waits for a channel.',
    workflow: sendNotifications,
    everyMs: MINUTE_MS / 2,
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'check-drift',
    purpose: 'Compares quiet positions with the venue by turns, and tells of what did not heal.',
    workflow: checkDrift,
    cron: '2-59/5 * * * *',
    atStart: false,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'prune-records',
    purpose: 'Removes runs of this timetable, applied frames and ended sessions a week after.',
    workflow: pruneRecords,
    cron: '30 3 * * *',
    atStart: false,
    heldIn: IN_PAUSES,
    overlapMsMax: 60 * MINUTE_MS,
  }),
  defineEntry({
    name: 'prune-candles',
    purpose: 'Keeps the newest candles of every symbol and timeframe.',
    workflow: pruneCandles,
    cron: '0 3 * * *',
    atStart: false,
    heldIn: IN_PAUSES,
    overlapMsMax: 120 * MINUTE_MS,
  }),
];
