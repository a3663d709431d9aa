import { id, type SymbolName } from '#pkg/domain';
import type { MarkSample } from '#pkg/regime';
import type { SettingStore } from '#pkg/store';

const SETTING = 'mark-samples';

type StoredSample = readonly [atMs: number, prices: Readonly<Record<string, number>>];

/** Returns the marks of the last hours, one sample a minute, oldest first. */
export async function readSamples(
  settings: Pick<SettingStore, 'find'>,
): Promise<readonly MarkSample[]> {
  const value = await settings.find(SETTING);
  if (value === undefined) return [];
  return (JSON.parse(value) as readonly StoredSample[]).map(([atMs, prices]) => ({
    atMs,
    prices: new Map(
      Object.entries(prices).map(([symbol, price]) => [id<SymbolName>(symbol), price]),
    ),
  }));
}

export async function saveSamples(
  settings: Pick<SettingStore, 'set'>,
  samples: readonly MarkSample[],
  nowMs: number,
): Promise<void> {
  const stored = samples.map(({ atMs, prices }): StoredSample => [
    atMs,
    Object.fromEntries(prices),
  ]);
  await settings.set(SETTING, JSON.stringify(stored), nowMs);
}
