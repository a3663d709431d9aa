import { listHolds } from '#pkg/holds';
import type { Position } from '#pkg/domain';
import type { Store } from '#pkg/store';

const ROWS_MAX = 1_000;

/** Returns what waits or is paused and does not say why, what is held although it protects, and pairs held twice. */
export async function findSilentPauses(rows: Store, nowMs: number): Promise<readonly string[]> {
  const [holds, held, delayed, positions] = await Promise.all([
    listHolds(rows.settings, nowMs),
    rows.steps.listHeld(ROWS_MAX),
    rows.steps.listDelayed(ROWS_MAX),
    rows.positions.listOpen(),
  ]);
  return [
    ...holds
      .filter(({ why }) => why === '')
      .map(({ source, reason }) => `the hold of ${source} says ${reason} and not why`),
    ...held
      .filter(({ isProtective }) => isProtective && holds.every((hold) => hold.isAbsolute !== true))
      .map(({ id, name, reason }) => `${name} (${id}) protects and is held by ${reason}`),
    ...delayed
      .filter(({ reason, error }) => reason === undefined && error === undefined)
      .map(({ id, name }) => `step ${name} (${id}) waits and does not say why`),
    ...findTwins(positions),
  ];
}

function findTwins(positions: readonly Position[]): readonly string[] {
  const seen = new Map<string, string>();
  return positions.flatMap((position) => {
    const { id, accountId, symbol, direction } = position;
    const pair = `${accountId} ${symbol} ${direction}`;
    const other = seen.get(pair);
    seen.set(pair, id);
    return other === undefined ? [] : [`${pair} is held by the positions ${other} and ${id}`];
  });
}
