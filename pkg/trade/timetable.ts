import { storeLedgers } from '#pkg/figures';
import { checkDrift, pruneRuns, watchFleet } from '#pkg/guards';
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
 * dispatcher, listen keys are kept by the user stream, backups by a CronJob of the cluster.
 */
export const TIMETABLE: readonly TimetableEntry[] = [
  defineEntry({
    name: 'refresh-symbols',
    workflow: refreshSymbols,
    cron: '15 * * * *',
    atStart: true,
    heldIn: IN_PAUSES,
    overlapMsMax: 60 * MINUTE_MS,
  }),
  defineEntry({
    name: 'store-balances',
    workflow: storeBalances,
    cron: '*/5 * * * *',
    atStart: true,
    heldIn: IN_PAUSES,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'store-ledgers',
    workflow: storeLedgers,
    cron: '3-59/5 * * * *',
    atStart: true,
    heldIn: IN_PAUSES,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'score-market',
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
    workflow: watchMarketMinutely,
    cron: '* * * * *',
    atStart: true,
    after: ['refresh-symbols'],
    heldIn: IN_FREEZE,
    overlapMsMax: 3 * MINUTE_MS,
  }),
  defineEntry({
    name: 'refresh-candles',
    workflow: refreshCandles,
    cron: '5 * * * *',
    atStart: true,
    after: ['refresh-symbols'],
    heldIn: IN_PAUSES,
    overlapMsMax: 30 * MINUTE_MS,
  }),
  defineEntry({
    name: 'conclude-directions',
    workflow: concludeDirections,
    cron: '30 * * * *',
    atStart: true,
    after: ['refresh-symbols'],
    heldIn: IN_PAUSES,
    overlapMsMax: 45 * MINUTE_MS,
  }),
  defineEntry({
    name: 'create-positions',
    workflow: createPositions,
    cron: '*/3 * * * *',
    atStart: false,
    after: ['refresh-symbols'],
    heldIn: WHERE_NOTHING_OPENS,
    overlapMsMax: 3 * MINUTE_MS,
  }),
  defineEntry({
    name: 'sync-orders',
    workflow: syncOrders,
    cron: '*/5 * * * *',
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'recover-frames',
    workflow: recoverFrames,
    cron: '* * * * *',
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'watch-fleet',
    workflow: watchFleet,
    cron: '* * * * *',
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'send-notifications',
    workflow: sendNotifications,
    everyMs: MINUTE_MS / 2,
    atStart: true,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'check-drift',
    workflow: checkDrift,
    cron: '2-59/5 * * * *',
    atStart: false,
    heldIn: IN_FREEZE,
    overlapMsMax: 5 * MINUTE_MS,
  }),
  defineEntry({
    name: 'prune-runs',
    workflow: pruneRuns,
    cron: '30 3 * * *',
    atStart: false,
    heldIn: IN_PAUSES,
    overlapMsMax: 60 * MINUTE_MS,
  }),
  defineEntry({
    name: 'prune-candles',
    workflow: pruneCandles,
    cron: '0 3 * * *',
    atStart: false,
    heldIn: IN_PAUSES,
    overlapMsMax: 120 * MINUTE_MS,
  }),
];
