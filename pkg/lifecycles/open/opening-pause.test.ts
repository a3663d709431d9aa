import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createMemoryStore } from '#pkg/store';
import { findOpeningPause, setOpeningPause } from './opening-pause.ts';

const PAUSE = { owner: 'ann', why: 'maintenance', sinceMs: 10 };

test('a pause stands until its end, or until somebody ends it', async () => {
  const { settings } = createMemoryStore({ clock: createManualClock() });
  expect(await findOpeningPause(settings, 11)).toBeUndefined();
  await setOpeningPause(settings, { ...PAUSE, untilMs: 20 }, 10);
  expect(await findOpeningPause(settings, 19)).toMatchObject(PAUSE);
  expect(await findOpeningPause(settings, 20)).toBeUndefined();
  await setOpeningPause(settings, PAUSE, 30);
  expect(await findOpeningPause(settings, 1e15)).toEqual(PAUSE);
  await setOpeningPause(settings, undefined, 40);
  expect(await findOpeningPause(settings, 41)).toBeUndefined();
});

test('a pause that was set without an owner stands too', async () => {
  const { settings } = createMemoryStore({ clock: createManualClock() });
  await settings.set('opening-pause', 'on', 0);
  expect(await findOpeningPause(settings, 1)).toBeDefined();
});
