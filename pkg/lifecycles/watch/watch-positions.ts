import { toError, type CancelTimer, type Clock } from '#pkg/base';
import { id, type WorkflowId } from '#pkg/domain';
import type { MarkTick } from '#pkg/exchange';
import type { Logger } from '#pkg/observability';
import { planBlock, type SubmitWorkflow } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { checkOptionsOf, checkPosition } from './definitions.ts';
import { createPriceWatch, levelOf, type Crossing } from './price-watch.ts';

export interface PositionWatchDependencies {
  readonly store: { readonly orders: Pick<Store['orders'], 'listWorkingOfOpen'> };
  readonly submit: SubmitWorkflow;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each check when it is decided, when it is on its way to the rows, and when its row is committed. */
  readonly onCrossed?: (crossing: Crossing) => void;
  readonly onHandedOn?: (crossing: Crossing) => void;
  readonly onChecked?: (crossing: Crossing) => void;
}

export interface PositionWatch extends Disposable {
  /** Takes newer ticks, and submits the check of each position whose price they passed. */
  take(ticks: readonly Pick<MarkTick, 'symbol' | 'mark'>[]): void;
  /** Reads the working orders now; else every few seconds. */
  refresh(): Promise<void>;
}

const REFRESH_MS = 5_000;

/** Watches the prices of every working order against the marks, from memory: a tick asks no server. */
export function watchPositions(dependencies: PositionWatchDependencies): PositionWatch {
  const { store, submit, clock, logger, onCrossed, onHandedOn, onChecked } = dependencies;
  const watch = createPriceWatch();
  let isOver = false;
  let cancelRefresh: CancelTimer = () => undefined;

  const refresh = async (): Promise<void> => {
    const orders = await store.orders.listWorkingOfOpen();
    watch.replace(orders.flatMap((order) => levelOf(order) ?? []));
  };
  const keepFresh = async (): Promise<void> => {
    try {
      await refresh();
    } catch (error) {
      logger.warn({ err: toError(error) }, 'working orders not read: the last ones are watched');
    }
    if (!isOver) cancelRefresh = clock.schedule(REFRESH_MS, () => void keepFresh());
  };
  const check = async (crossing: Crossing): Promise<void> => {
    try {
      const args = { orderId: crossing.orderId, crossedAtMs: clock.nowMs() };
      const submitted = submit(checkPosition, args, checkOptionsOf(crossing));
      onHandedOn?.(crossing);
      await submitted;
      onChecked?.(crossing);
    } catch (error) {
      // Told again in half a minute while the mark stays there, and the timetable reads every position meanwhile.
      logger.warn({ err: toError(error), ...crossing }, 'position check not submitted');
    }
  };
  warmPlanning(clock.nowMs());
  void keepFresh();
  return {
    refresh,
    take: (ticks) => {
      // All are decided before the first is written: a write to a socket may take longer than every decision.
      const crossings = watch.take(ticks, clock.monotonicMs());
      for (const crossing of crossings) onCrossed?.(crossing);
      for (const crossing of crossings) void check(crossing);
    },
    [Symbol.dispose]: () => {
      isOver = true;
      cancelRefresh();
    },
  };
}

/** As often as makes the engine translate it well; some ms in all. */
const WARM_PLANS = 1_000;

/**
 * Plans checks that nobody needs. The first plan of a workflow compiles what checks its arguments, and the first hundreds
 * are interpreted: longer than all that a tick does, and a fleet asks for few.
 */
function warmPlanning(nowMs: number): void {
  for (let count = 0; count < WARM_PLANS; count += 1) {
    planBlock(checkPosition.steps({ orderId: '', crossedAtMs: nowMs }), {
      workflowName: checkPosition.name,
      workflowId: id<WorkflowId>(''),
      isUrgent: false,
      nowMs,
      makeId: () => '',
    });
  }
}
