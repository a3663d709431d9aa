import { MEASURES, type Measure } from '#pkg/prospects';
import type { Store } from '#pkg/store';

import { BTC } from './btc.ts';

const MEASURE: Omit<Extract<Measure, { kind: 'measured' }>, 'atMs'> = {
  kind: 'measured',
  moves: 499,
  correlation: 1,
  stability: 1,
  elasticity: { rising: 1, falling: 1 },
};

/** Leaves what a pass over the candles would: BTC moves as BTC does. */
export async function measureBtc({ settings }: Pick<Store, 'settings'>, nowMs: number) {
  await MEASURES.save(settings, BTC, { ...MEASURE, atMs: nowMs }, nowMs);
}
