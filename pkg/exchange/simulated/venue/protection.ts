/**
 * What the venue counts for the summary: how positions open and close, and how long they stand without a stop.
 *
 * A position is protected while a working STOP_MARKET with closePosition exists for its side.
 */
import { Decimal } from '#pkg/base';
import { positionAmount, positionKey, reduces } from './accounting.ts';
import type { AlgoRow, OrderRow, PositionRow } from './rows.ts';
import type { World } from './world.ts';

interface NotedFill {
  readonly order: OrderRow;
  readonly before: PositionRow | undefined;
  readonly after: PositionRow;
}

/** Is this a conditional order that closes the whole position at a loss? */
export function isClosingStop(algo: AlgoRow): boolean {
  return algo.type === 'STOP_MARKET' && algo.closePosition;
}

/** Counts openings, rungs and closings, and starts or ends the position's time without a stop. */
export function noteFill(world: World, { order, before, after }: NotedFill): void {
  const { state } = world;
  const was = positionAmount(before);
  const is = positionAmount(after);
  if (was.isZero()) {
    state.count({ positionsOpened: state.statistics().positionsOpened + 1 });
    if (hasClosingStop(world, after)) setUnprotected(world, after, undefined);
    return;
  }
  if (is.isZero()) {
    noteClose(world, after);
    return;
  }
  const isRung = order.type === 'LIMIT' && !reduces(order.side, order.positionSide, was);
  if (isRung && order.status === 'FILLED') {
    state.count({ rungsFilled: state.statistics().rungsFilled + 1 });
    const key = positionKey(after.account, after.symbol, after.side);
    state.put('positions', key, { ...after, rungsFilled: after.rungsFilled + 1 });
  }
}

/** A closing order was amended: after a rung filled, that is a re-averaged position. */
export function noteAmendment(world: World, order: OrderRow, position: PositionRow): void {
  const isReducing = reduces(order.side, order.positionSide, positionAmount(position));
  if (!isReducing || position.rungsFilled === 0) return;
  world.state.count({ reaveraged: world.state.statistics().reaveraged + 1 });
}

/** A closing stop appeared or ended: the time without one ends or starts. */
export function noteProtection(world: World, algo: AlgoRow): void {
  if (!isClosingStop(algo)) return;
  const key = positionKey(algo.account, algo.symbol, algo.positionSide);
  const position = world.state.get('positions', key);
  if (position === undefined || positionAmount(position).isZero()) return;
  if (hasClosingStop(world, position)) {
    noteUnprotectedTime(world, position);
    setUnprotected(world, position, undefined);
  } else if (position.unprotectedSinceMs === undefined) {
    setUnprotected(world, position, world.nowMs);
  }
}

export function hasClosingStop(world: Pick<World, 'state'>, position: PositionRow): boolean {
  for (const algo of world.state.openAlgosOf(position.account)) {
    if (algo.symbol !== position.symbol || algo.positionSide !== position.side) continue;
    if (isClosingStop(algo)) return true;
  }
  return false;
}

function noteClose(world: World, position: PositionRow): void {
  const { state } = world;
  noteUnprotectedTime(world, position);
  setUnprotected(world, position, undefined);
  const profit = new Decimal(position.realized).minus(position.fees);
  const statistics = state.statistics();
  state.count({
    positionsClosed: statistics.positionsClosed + 1,
    closedInProfit: statistics.closedInProfit + (profit.gt(0) ? 1 : 0),
  });
}

function noteUnprotectedTime(world: World, position: PositionRow): void {
  if (position.unprotectedSinceMs === undefined) return;
  const lastedMs = world.nowMs - position.unprotectedSinceMs;
  if (lastedMs > world.state.statistics().unprotectedMsMax) {
    world.state.count({ unprotectedMsMax: lastedMs });
  }
}

function setUnprotected(world: World, position: PositionRow, sinceMs: number | undefined): void {
  if (position.unprotectedSinceMs === sinceMs) return;
  const key = positionKey(position.account, position.symbol, position.side);
  world.state.put('positions', key, { ...position, unprotectedSinceMs: sinceMs });
}
