import { createFiguresHandlers, ledgerOptionsOf, storeLedger } from '#pkg/figures';
import { createGuardHandlers, type GuardDependencies } from '#pkg/guards';
import { createKeyCheckHandlers } from '#pkg/key-checks';
import { createLifecycleHandlers, type LifecycleDependencies } from '#pkg/lifecycles';
import { createRescueHandlers, type RescueDependencies } from '#pkg/rescue';
import { createNotificationHandlers, type NotificationDependencies } from '#pkg/notifications';
import {
  createSelectionHandlers,
  fillOptionsOf,
  fillSlots,
  lookAtSlots,
  type SelectionDependencies,
} from '#pkg/selection';
import { createSignalHandlers, requestJudging, type SignalDependencies } from '#pkg/signals';
import type { StepHandler } from '#pkg/steps';

import { TIMETABLE } from './timetable.ts';

/** Everything that the steps of the trade need from outside. */
export type TradeDependencies = Omit<LifecycleDependencies, 'onSlotFreed' | 'onBooked'> &
  NotificationDependencies &
  RescueDependencies &
  Omit<SelectionDependencies, 'onUnjudged'> &
  Omit<GuardDependencies, 'overlapMsMaxOf'> &
  Omit<SignalDependencies, 'onDirectionsConcluded'>;

/** Returns the code of every step of the trade. Each worker registers all of it; lanes decide what runs where. */
export function createTradeHandlers(dependencies: TradeDependencies): StepHandler[] {
  const { store } = dependencies;
  return [
    ...createLifecycleHandlers({
      ...dependencies,
      onSlotFreed: async (context, accountId) => {
        await context.submit(fillSlots, { accountId }, fillOptionsOf(accountId));
      },
      onBooked: async (context, accountId) => {
        await context.submit(storeLedger, { accountId }, ledgerOptionsOf(accountId));
      },
    }),
    ...createSelectionHandlers({ ...dependencies, onUnjudged: requestJudging }),
    ...createNotificationHandlers(dependencies),
    ...createFiguresHandlers(dependencies),
    ...createKeyCheckHandlers(dependencies),
    ...createRescueHandlers(dependencies),
    ...createGuardHandlers({
      ...dependencies,
      overlapMsMaxOf: (name) => TIMETABLE.find((entry) => entry.name === name)?.overlapMsMax,
    }),
    ...createSignalHandlers({
      ...dependencies,
      onDirectionsConcluded: (context) => lookAtSlots(store.accounts, context.submit),
    }),
  ];
}
