/** A chain of jobs in PostgreSQL, each of which adds the next one. */
import { Logger, run } from 'graphile-worker';
import { createHops, measure } from './measure.mjs';

const [connectionString, countText, stepsText] = process.argv.slice(2);
const steps = Number(stepsText);
const waiting = new Map();
const hops = createHops();
const runner = await run({
  connectionString,
  concurrency: 50,
  maxPoolSize: 50,
  logger: new Logger(() => () => undefined),
  noHandleSignals: true,
  taskList: {
    step: async ({ id, step, endedMs }, helpers) => {
      if (endedMs !== undefined) hops.add(performance.now() - endedMs);
      if (step === steps) {
        waiting.get(id)?.();
        waiting.delete(id);
        return;
      }
      await helpers.addJob('step', { id, step: step + 1, endedMs: performance.now() });
    },
  },
});
let number = 0;
await measure(
  () =>
    new Promise((resolve) => {
      const id = `${process.pid}-${(number += 1)}`;
      waiting.set(id, resolve);
      void runner.addJob('step', { id, step: 1 });
    }),
  { count: Number(countText), hops: hops.read },
);
