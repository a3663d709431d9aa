import { describe, expect, test } from 'vitest';

import {
  id,
  type PositionEvent,
  type PositionId,
  type PositionStatus,
  type WorkflowId,
} from '#pkg/domain';
import { opened } from '../../../tests/harness/trade/facts.ts';
import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { BTC } from '../../../tests/harness/trade/btc.ts';

/** The workflow that moved it last, and that is gone. */
const GONE = id<WorkflowId>('a-workflow-that-ended');
const MINUTE_MS = 60_000;
/** The timetable syncs every five minutes; a position is left alone for the first. */
const LOOK_MS = 5 * MINUTE_MS;

/** The page `docs/internals/trade.md` says the same for a person. */
const STUCK: readonly {
  readonly status: PositionStatus;
  readonly events: readonly PositionEvent[];
  readonly isEntered: boolean;
  readonly ends: PositionStatus;
}[] = [
  { status: 'new', events: [], isEntered: false, ends: 'canceled' },
  { status: 'opening', events: ['OpeningStarted'], isEntered: false, ends: 'canceled' },
  { status: 'syncing', events: ['SyncStarted'], isEntered: true, ends: 'active' },
  { status: 'waping', events: ['WapStarted'], isEntered: true, ends: 'active' },
  { status: 'closing', events: ['CloseStarted'], isEntered: true, ends: 'closed' },
  { status: 'canceling', events: ['CleanupStarted'], isEntered: true, ends: 'canceled' },
];

async function stick(
  bench: TradeBench,
  { events, isEntered }: { readonly events: readonly PositionEvent[]; readonly isEntered: boolean },
): Promise<PositionId> {
  const { store, clock, account } = bench;
  const [standing] = await store.positions.listOpen();
  if (!isEntered) {
    await store.positions.create({
      id: id<PositionId>('stuck'),
      accountId: account.id,
      symbol: BTC,
      direction: 'long',
      slot: 1,
      settings: account.settings,
      createdAtMs: clock.nowMs(),
    });
  }
  const positionId = isEntered ? standing?.id : id<PositionId>('stuck');
  if (positionId === undefined) throw new Error('nothing is held');
  for (const event of events) {
    const changes = { workflowId: GONE };
    const moved = await store.positions.advance(positionId, event, {
      changes,
      nowMs: clock.nowMs(),
    });
    expect(moved.kind).toBe('moved');
  }
  return positionId;
}

describe('a position whose workflow ended without letting go', () => {
  test.each(STUCK)(
    'leaves $status as $ends within two looks of the sync (incident 44)',
    async (row) => {
      const bench = row.isEntered ? await opened() : await createTradeBench();
      const positionId = await stick(bench, row);
      expect((await bench.position(positionId)).status).toBe(row.status);
      for (let look = 0; look < 2; look += 1) {
        bench.clock.advance(LOOK_MS);
        await bench.sync();
      }
      expect((await bench.position(positionId)).status).toBe(row.ends);
      const isHeld = row.ends === 'active';
      expect(bench.venue.held('long')).toBe(isHeld ? 0.005 : 0);
      expect(bench.venue.working()).toHaveLength(isHeld ? 6 : 0);
    },
  );

  test.each(STUCK)('keeps $status while its workflow runs on', async (row) => {
    const bench = row.isEntered ? await opened() : await createTradeBench();
    const positionId = await stick(bench, row);
    const { store, runner, clock } = bench;
    const findTree = runner.findTree.bind(runner);
    const running = { workflow: { id: GONE, state: 'running' }, steps: [] } as never;
    runner.findTree = (workflowId) =>
      workflowId === GONE ? Promise.resolve(running) : findTree(workflowId);
    await store.positions.update(positionId, { workflowId: GONE }, clock.nowMs());
    clock.advance(LOOK_MS);
    await bench.sync();
    expect((await bench.position(positionId)).status).toBe(row.status);
  });
});
