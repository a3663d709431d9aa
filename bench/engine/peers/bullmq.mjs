/** A chain of jobs, each of which adds the next one: no row, no durable step. The ceiling. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createHops, measure } from './measure.mjs';

const [url, countText, stepsText] = process.argv.slice(2);
const steps = Number(stepsText);
const connection = new Redis(url, { maxRetriesPerRequest: null });
const queue = new Queue('chain', { connection });
const waiting = new Map();
const hops = createHops();
const worker = new Worker(
  'chain',
  async ({ data: { id, step, endedMs } }) => {
    if (endedMs !== undefined) hops.add(performance.now() - endedMs);
    if (step === steps) {
      waiting.get(id)?.();
      waiting.delete(id);
      return;
    }
    const data = { id, step: step + 1, endedMs: performance.now() };
    await queue.add('step', data, { removeOnComplete: true });
  },
  { connection: connection.duplicate(), concurrency: 50 },
);
await worker.waitUntilReady();
let number = 0;
await measure(
  () =>
    new Promise((resolve) => {
      const id = String((number += 1));
      waiting.set(id, resolve);
      void queue.add('step', { id, step: 1 }, { removeOnComplete: true });
    }),
  { count: Number(countText), hops: hops.read },
);
