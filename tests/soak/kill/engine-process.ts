/** A worker or a dispatcher as a process of its own: `node engine-process.ts '<JSON>'`; prints one line when it is there. */
import { flushCompileCache } from 'node:module';

import {
  makeWorker,
  openParts,
  startDispatcher,
  startStandby,
  type Servers,
} from '../../engine/fixture/compose.ts';
import { createLedgeredHandlers } from './steps.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as Servers & {
  readonly name: string;
  readonly ledger: string;
  /** Makes garbage so that the collector stands in the way of everything else. */
  readonly isWasteful?: boolean;
};
const parts = openParts(options, options.name);
if (options.name === 'athena') startDispatcher(parts);
else {
  const worker = makeWorker(parts, {
    box: options.name,
    slots: 4,
    handlers: createLedgeredHandlers(options.ledger),
  });
  await worker.start();
  startStandby(parts);
}
if (options.isWasteful === true) startWasting();
process.stdout.write('ready\n');
// Whoever is killed leaves no compiled code behind by itself, and the next one would start slowly.
flushCompileCache();
// The parent holds the other end of stdin: when it goes, so do we.
process.stdin.resume();
process.stdin.on('end', () => process.exit(1));

/** A graph of many small things that lives for a while: the collector has to copy and to mark all of it. */
function startWasting(): void {
  const THINGS = 300_000;
  const EVERY_MS = 1_500;
  const kept: unknown[][] = [];
  setInterval(() => {
    kept.push(Array.from({ length: THINGS }, (_, number) => ({ number, text: `thing ${number}` })));
    if (kept.length > 2) kept.shift();
  }, EVERY_MS);
}
