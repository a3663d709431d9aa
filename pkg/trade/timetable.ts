import { recoverFrames, syncOrders } from '#pkg/lifecycles';
import { defineEntry, type TimetableEntry } from '#pkg/schedule';
import { createPositions, storeBalances } from '#pkg/selection';
import { concludeDirections, pruneCandles, refreshCandles, refreshSymbols } from '#pkg/signals';

/**
 * What runs when, in UTC.
 *
 * Events do most of this at once (a freed slot, a finished pass, a frame of a stream); the timetable is the net
 * under them and the clock of what has no event.
 */
export const TIMETABLE: readonly TimetableEntry[] = [
  defineEntry({
    name: 'refresh-symbols',
    workflow: refreshSymbols,
    cron: '15 * * * *',
    atStart: true,
  }),
  defineEntry({
    name: 'store-balances',
    workflow: storeBalances,
    cron: '*/5 * * * *',
    atStart: true,
  }),
  defineEntry({
    name: 'refresh-candles',
    workflow: refreshCandles,
    cron: '5 * * * *',
    atStart: true,
    after: ['refresh-symbols'],
  }),
  defineEntry({
    name: 'conclude-directions',
    workflow: concludeDirections,
    cron: '30 * * * *',
    atStart: true,
    after: ['refresh-symbols'],
  }),
  defineEntry({
    name: 'create-positions',
    workflow: createPositions,
    cron: '*/3 * * * *',
    atStart: false,
    after: ['refresh-symbols'],
  }),
  defineEntry({ name: 'sync-orders', workflow: syncOrders, cron: '*/5 * * * *', atStart: true }),
  defineEntry({
    name: 'recover-frames',
    workflow: recoverFrames,
    cron: '* * * * *',
    atStart: true,
  }),
  defineEntry({
    name: 'prune-candles',
    workflow: pruneCandles,
    cron: '0 3 * * *',
    atStart: false,
  }),
];
