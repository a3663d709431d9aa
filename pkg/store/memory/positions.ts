import type { Position, PositionId } from '#pkg/domain';
import { StoreConflictError } from '../errors.ts';
import {
  advancedPosition,
  changedPosition,
  isOpenPosition,
  isSameIntent,
  newPosition,
} from '../rules/position-rules.ts';
import type { PositionStore } from '../position-store.ts';
import { orderBy } from './order-by.ts';

const oldestFirst = orderBy<Position>(
  (position) => position.createdAtMs,
  (position) => position.id,
);

/** Returns positions in memory. */
export function createMemoryPositionStore(): PositionStore {
  const positions = new Map<PositionId, Position>();
  /** Index: closed positions are many, and hardly asked for. */
  const open = new Map<PositionId, Position>();
  const put = (position: Position): void => {
    positions.set(position.id, position);
    if (isOpenPosition(position)) open.set(position.id, position);
    else open.delete(position.id);
  };
  return {
    create: async (taken) => {
      const position = newPosition(taken);
      const standing = positions.get(taken.id);
      if (standing !== undefined) {
        if (isSameIntent(standing, position)) return { kind: 'created', position: standing };
        throw new StoreConflictError({ fields: { key: 'PRIMARY', positionId: taken.id } });
      }
      const rivals = [...open.values()].filter(
        (other) => other.accountId === taken.accountId && other.direction === taken.direction,
      );
      if (rivals.some((other) => other.symbol === taken.symbol)) {
        return { kind: 'refused', reason: 'PairAlreadyHeld' };
      }
      if (rivals.some((other) => other.slot === taken.slot)) {
        return { kind: 'refused', reason: 'NoFreeSlot' };
      }
      put(position);
      return { kind: 'created', position };
    },
    find: async (positionId) => positions.get(positionId),
    listOpen: async (filter = {}) =>
      [...open.values()]
        .toSorted(oldestFirst)
        .filter(
          (position) =>
            (filter.accountId === undefined || position.accountId === filter.accountId) &&
            (filter.symbol === undefined || position.symbol === filter.symbol),
        ),
    countOpen: async () =>
      [
        ...Map.groupBy(open.values(), ({ accountId, direction }) => `${accountId} ${direction}`),
      ].flatMap(([, alike]) => {
        const [first] = alike;
        if (first === undefined) return [];
        const { accountId, direction } = first;
        const unprotected = alike.filter(
          ({ quantity, stopPrice }) => quantity?.gt(0) === true && stopPrice === undefined,
        ).length;
        return { accountId, direction, count: alike.length, unprotected };
      }),
    list: async ({ limit, accountId }) =>
      [...positions.values()]
        .toSorted(oldestFirst)
        .filter((position) => accountId === undefined || position.accountId === accountId)
        .toReversed()
        .slice(0, limit),
    advance: async (positionId, event, options) => {
      const before = positions.get(positionId);
      if (before === undefined) return { kind: 'refused', status: undefined };
      const after = advancedPosition(before, event, options);
      if (after === undefined) return { kind: 'refused', status: before.status };
      put(after);
      return { kind: 'moved', position: after, from: before.status };
    },
    update: async (positionId, changes, nowMs) => {
      const standing = positions.get(positionId);
      if (standing === undefined) return;
      put(changedPosition(standing, changes, nowMs));
    },
  };
}
