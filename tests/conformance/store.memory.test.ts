import { createManualClock } from '#pkg/base';
import { createMemoryStore } from '#pkg/store';
import { storeConformance } from './store.ts';

storeConformance('memory', async () => {
  const clock = createManualClock();
  return {
    store: createMemoryStore({ clock }),
    passTime: async (ms) => clock.advance(ms),
  };
});
