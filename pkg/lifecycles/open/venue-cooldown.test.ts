import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createMemoryStore } from '#pkg/store';
import { findVenueCooldown, startVenueCooldown } from './venue-cooldown.ts';

test('a venue that could not serve is left alone for half an hour from the last time that it said so', async () => {
  const { settings } = createMemoryStore({ clock: createManualClock() });
  expect(await findVenueCooldown(settings, 0)).toBeUndefined();
  await startVenueCooldown(settings, 60_000);
  await startVenueCooldown(settings, 120_000);
  expect(await findVenueCooldown(settings, 1_919_999)).toBe(1_920_000);
  expect(await findVenueCooldown(settings, 1_920_000)).toBeUndefined();
});
