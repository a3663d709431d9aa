import { id, OPEN_POSITION_STATUSES, type Order, type Position } from '#pkg/domain';
import type { BoxStatus, FleetReader, FleetStatus, LocalFleet } from '#pkg/local';
import type { WorkerRow } from '#pkg/store';
import { liveWorkers } from '../views/live-workers.ts';
import { positionRow } from '../views/positions.ts';
import type { ScreenBox, ScreenEvent, ScreenModel, ScreenPosition } from './model.ts';

export interface ModelFacts {
  readonly nowMs: number;
  readonly events: readonly ScreenEvent[];
  readonly waitsFor: string | undefined;
}

const POSITIONS_READ = 200;
const ORDERS_READ = 2_000;

/** Reads what the screen shows from the rows, the prices, the budgets and the supervisor. */
export async function readScreenModel(fleet: LocalFleet, facts: ModelFacts): Promise<ScreenModel> {
  const { status, reader } = fleet;
  const frame = {
    fleet: status.fleet,
    mode: status.mode,
    phase: status.phase,
    uptimeMs: facts.nowMs - status.startedAtMs,
    sites: status.sites,
    events: facts.events,
    waitsFor: facts.waitsFor,
  };
  if (reader === undefined) {
    const boxes = status.boxes.map((box) => screenBox(box, [], undefined));
    const totals = { opened: 0, closed: 0, realizedUsdt: '0.00' };
    return { ...frame, boxes, positions: [], totals };
  }
  const [workers, positions, boxes] = await Promise.all([
    reader.store.workers.list(),
    readPositions(reader, facts.nowMs),
    readBudgets(reader, status, facts.nowMs),
  ]);
  return {
    ...frame,
    boxes: status.boxes.map((box) => screenBox(box, liveWorkers(workers), boxes.get(box.name))),
    ...positions,
  };
}

async function readPositions(
  reader: FleetReader,
  nowMs: number,
): Promise<Pick<ScreenModel, 'positions' | 'totals'>> {
  const [rows, orders, marks] = await Promise.all([
    reader.store.positions.list({ limit: POSITIONS_READ }),
    reader.store.orders.list({ limit: ORDERS_READ }),
    reader.prices.readAll(),
  ]);
  const open = rows.filter(({ status }) => OPEN_POSITION_STATUSES.includes(status));
  const closed = rows.filter(({ status }) => status === 'closed');
  const realized = closed.reduce((sum, { realizedPnl }) => sum + Number(realizedPnl ?? 0), 0);
  return {
    positions: open.map((position) => {
      const mark = marks.get(position.symbol);
      const own = orders.filter((order) => order.positionId === position.id);
      const { pnlUsdt, ageMs } = positionRow(position, { mark, nowMs });
      return screenPosition(position, own, { mark: mark?.price.toNumber(), pnlUsdt, ageMs });
    }),
    totals: {
      opened: rows.filter(({ openedAtMs }) => openedAtMs !== undefined).length,
      closed: closed.length,
      realizedUsdt: `${realized < 0 ? '' : '+'}${realized.toFixed(2)}`,
    },
  };
}

function screenPosition(
  position: Position,
  orders: readonly Order[],
  facts: {
    readonly mark: number | undefined;
    readonly pnlUsdt: string | null;
    readonly ageMs: number;
  },
): ScreenPosition {
  const rungs = orders.flatMap(({ purpose, price, status }) =>
    purpose === 'rung' && price !== undefined
      ? [{ price: price.toNumber(), isFilled: status === 'filled' }]
      : [],
  );
  const { pnlUsdt } = facts;
  return {
    symbol: position.symbol,
    direction: position.direction,
    status: position.status,
    reason: position.reason,
    stop: position.stopPrice?.toNumber(),
    rungs,
    entry: position.entryPrice?.toNumber(),
    mark: facts.mark,
    profit: position.profitPrice?.toNumber(),
    pnlUsdt: pnlUsdt === null ? undefined : pnlUsdt.startsWith('-') ? pnlUsdt : `+${pnlUsdt}`,
    ageMs: facts.ageMs,
  };
}

type Budgets = ReadonlyMap<string, NonNullable<ScreenBox['budget']>>;

async function readBudgets(
  reader: FleetReader,
  status: FleetStatus,
  nowMs: number,
): Promise<Budgets> {
  const entries = await Promise.all(
    status.boxes.map(async ({ name, egressAddress }) => {
      if (egressAddress === undefined) return [];
      const key = { provider: 'binance', scope: 'address', id: egressAddress } as const;
      const { weightUsed, weightMax } = await reader.budgets.read(key, nowMs);
      return [[name, { used: weightUsed, max: weightMax }] as const];
    }),
  );
  return new Map(entries.flat());
}

function screenBox(
  box: BoxStatus,
  workers: readonly WorkerRow[],
  budget: ScreenBox['budget'],
): ScreenBox {
  const beats = workers.filter((worker) => worker.box === id(box.name) && box.state !== 'killed');
  return {
    name: box.name,
    role: box.role,
    state: box.state,
    reason: box.reason ?? beats.find(({ reason }) => reason !== undefined)?.reason,
    address: box.egressAddress,
    lanes: beats.flatMap(({ lanes }) =>
      lanes.map(({ lane, slots, busy }) => ({ name: lane, slots, busy })),
    ),
    budget,
  };
}
