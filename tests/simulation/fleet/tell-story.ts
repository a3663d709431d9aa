import type { Order, Position } from '#pkg/domain';
import type { Store } from '#pkg/store';
import { formatStory, narratePosition, readPositionRows } from '#pkg/story';

import type { VenueState } from '../../../pkg/exchange/simulated/venue/state.ts';

const POSITIONS_MAX = 3;
const ROWS_MAX = 2_000;

/** Returns the story of the newest positions in the symbols that `problems` name: rows, the venue's orders, steps, events. */
export async function tellStory(
  problems: readonly string[],
  { rows, state }: { readonly rows: Store; readonly state: VenueState },
): Promise<readonly string[]> {
  const named = new Set(problems.join(' ').match(/\b[A-Z0-9]+USDT\b/gu) ?? []);
  const ids = problems.join(' ');
  const positions = await rows.positions.list({ limit: ROWS_MAX });
  const meant = positions.filter(({ id, symbol }) => named.has(symbol) || ids.includes(id));
  const lines: string[] = [];
  for (const position of meant.slice(0, POSITIONS_MAX)) {
    lines.push(...(await storyOf(position, rows, state)));
  }
  return lines;
}

async function storyOf(
  position: Position,
  rows: Store,
  state: VenueState,
): Promise<readonly string[]> {
  const known = await readPositionRows(rows, position);
  return [
    `position ${position.id}`,
    ...formatStory(narratePosition(known)),
    ...known.orders.map(
      (order) => `  at the venue: ${order.clientOrderId} ${describeAtVenue(order, state)}`,
    ),
  ];
}

function describeAtVenue({ accountId, clientOrderId }: Order, state: VenueState): string {
  const order = state.orderByClientId(`key-${accountId}`, clientOrderId);
  const algo = state.algoByClientId(`key-${accountId}`, clientOrderId);
  const parts = [
    ...(algo === undefined ? [] : [`conditional ${algo.status} ${timeOf(algo.updatedAtMs)}`]),
    ...(order === undefined
      ? []
      : [`${order.status} ${order.executed}/${order.quantity} ${timeOf(order.updatedAtMs)}`]),
  ];
  return parts.length === 0 ? 'unknown' : parts.join(', ');
}

function timeOf(atMs: number | undefined): string {
  return atMs === undefined ? '-' : new Date(atMs).toISOString().slice(5, 23);
}
