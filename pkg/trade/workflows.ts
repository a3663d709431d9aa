import { storeLedger, storeLedgers } from '#pkg/figures';
import { checkDrift, pruneRecords, warmUp, watchFleet } from '#pkg/guards';
import { checkKey } from '#pkg/key-checks';
import {
  applyUserFrame,
  applyWap,
  cancelPosition,
  checkPosition,
  closePosition,
  confirmFlat,
  openPosition,
  recoverFrames,
  restoreOrders,
  syncAccount,
  syncOrders,
  syncPosition,
} from '#pkg/lifecycles';
import { deliverNotification, sendNotifications } from '#pkg/notifications';
import { flattenAccount, recoverAccount, surveyAccount } from '#pkg/rescue';
import { createPositions, fillSlots, storeBalances } from '#pkg/selection';
import {
  concludeDirections,
  judgeSymbols,
  pruneCandles,
  refreshCandles,
  refreshSymbols,
  scoreMarketHourly,
  watchMarketMinutely,
} from '#pkg/signals';

/** Every workflow of the trade under the name that its rows carry. */
export const WORKFLOWS = {
  'apply-user-frame': applyUserFrame,
  'apply-wap': applyWap,
  'cancel-position': cancelPosition,
  'check-drift': checkDrift,
  'check-key': checkKey,
  'check-position': checkPosition,
  'close-position': closePosition,
  'conclude-directions': concludeDirections,
  'confirm-flat': confirmFlat,
  'create-positions': createPositions,
  'deliver-notification': deliverNotification,
  'flatten-account': flattenAccount,
  'fill-slots': fillSlots,
  'judge-symbols': judgeSymbols,
  'open-position': openPosition,
  'prune-candles': pruneCandles,
  'prune-records': pruneRecords,
  'recover-account': recoverAccount,
  'recover-frames': recoverFrames,
  'refresh-candles': refreshCandles,
  'refresh-symbols': refreshSymbols,
  'restore-orders': restoreOrders,
  'score-market': scoreMarketHourly,
  'send-notifications': sendNotifications,
  'store-balances': storeBalances,
  'store-ledger': storeLedger,
  'store-ledgers': storeLedgers,
  'survey-account': surveyAccount,
  'sync-account': syncAccount,
  'sync-orders': syncOrders,
  'sync-position': syncPosition,
  'warm-up': warmUp,
  'watch-fleet': watchFleet,
  'watch-market': watchMarketMinutely,
} as const;

export type WorkflowName = keyof typeof WORKFLOWS;
