import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createMemoryStore } from '#pkg/store';
import { bindFleet, ForeignDatabaseError, FLEET_IDENTITY_SETTING } from './fleet-identity.ts';

test('a database keeps the first fleet that it is bound to and refuses every other one', async () => {
  const { settings } = createMemoryStore({ clock: createManualClock() });
  await bindFleet(settings, 'a', 1);
  await bindFleet(settings, 'a', 2);
  const refused = bindFleet(settings, 'b', 3);
  await expect(refused).rejects.toThrow(ForeignDatabaseError);
  await expect(refused).rejects.toThrow(
    'another fleet (a, and this one is b): name the database that this fleet was made with',
  );
  expect(await settings.find(FLEET_IDENTITY_SETTING)).toBe('a');
});
