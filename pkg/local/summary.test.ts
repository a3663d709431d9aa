import { expect, test } from 'vitest';

import {
  id,
  notional,
  type BoxName,
  type Order,
  type Position,
  type PositionId,
} from '#pkg/domain';
import type { PlannedBox } from '#pkg/fleet-spec';
import { summarizeRun, type SummaryFacts, type VenueCounts } from './summary.ts';

const SINCE_MS = 1_000;

const VENUE: VenueCounts = {
  requestsByAddress: { '127.0.2.1': 10, '127.0.3.1': 4, '127.0.0.1': 1 },
  status429: 0,
  status418: 0,
  duplicateClientOrderIds: 0,
  ordersAccepted: 12,
  openWithoutStop: 0,
  unprotectedMsMax: 140,
};

function plannedBox(name: string, bindAddress: string): PlannedBox {
  return {
    name: id<BoxName>(name),
    role: 'trading',
    privateIP: undefined,
    egressAddress: undefined,
    bindAddress,
    isLost: false,
  };
}

function position(fields: Partial<Position>): Position {
  const blank = { status: 'active', wapCount: 0, updatedAtMs: SINCE_MS + 1 };
  return { ...blank, ...fields } as Position;
}

function facts(fields: Partial<SummaryFacts>): SummaryFacts {
  return {
    readyMs: 4_200,
    sinceMs: SINCE_MS,
    positions: [],
    wapCountsBefore: new Map(),
    orders: [],
    runs: [],
    boxes: [plannedBox('athena', '127.0.2.1'), plannedBox('eos', '127.0.3.1')],
    venue: VENUE,
    ...fields,
  };
}

test('what the exchange counted is taken as it is, with addresses as box names', () => {
  const { venue, positions } = summarizeRun(facts({}));
  expect(venue).toEqual({
    requestsByAddress: { athena: 10, eos: 4, '127.0.0.1': 1 },
    status429: 0,
    status418: 0,
    duplicateClientOrderIds: 0,
    ordersAccepted: 12,
  });
  expect(positions).toMatchObject({ openWithoutStop: 0, unprotectedMsMax: 140 });
});

test('positions count in the run in which they opened or closed', () => {
  const { positions } = summarizeRun(
    facts({
      positions: [
        position({ openedAtMs: 500, status: 'closed', closedAtMs: 900, updatedAtMs: 900 }),
        position({
          openedAtMs: 500,
          status: 'closed',
          closedAtMs: 1_500,
          realizedPnl: notional(3),
        }),
        position({
          openedAtMs: 1_200,
          status: 'closed',
          closedAtMs: 1_700,
          realizedPnl: notional(-1),
        }),
        position({ openedAtMs: 1_300, wapCount: 2 }),
      ],
    }),
  );
  expect(positions).toMatchObject({ opened: 2, closed: 2, closedInProfit: 1, reaveraged: 2 });
});

test('only what was re-averaged in this run is counted', () => {
  const resumed = position({ id: id<PositionId>('p1'), openedAtMs: 500, wapCount: 3 });
  const { positions } = summarizeRun(
    facts({ positions: [resumed], wapCountsBefore: new Map([['p1', 2]]) }),
  );
  expect(positions.reaveraged).toBe(1);
});

test('only rungs that filled in this run are counted', () => {
  const orders = [
    { purpose: 'rung', filledAtMs: 1_100 },
    { purpose: 'rung', filledAtMs: 10 },
    { purpose: 'rung' },
    { purpose: 'entry', filledAtMs: 1_100 },
  ] as unknown as readonly Order[];
  expect(summarizeRun(facts({ orders })).positions.rungsFilled).toBe(1);
});

test('without an exchange of our own nobody vouches for its figures', () => {
  const { venue, positions } = summarizeRun(facts({ venue: undefined }));
  expect(venue).toBeNull();
  expect(positions).toMatchObject({ openWithoutStop: null, unprotectedMsMax: null });
});
