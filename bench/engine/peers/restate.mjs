/** A service whose handler runs so many recorded steps; server, handler and driver are three processes' worth of work. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as restate from '@restatedev/restate-sdk';
import { createHops, measure } from './measure.mjs';

const [, countText, stepsText] = process.argv.slice(2);
const steps = Number(stepsText);
const [ingress, admin, node, service] = [38080, 39070, 35122, 39080];
const hops = createHops();
const chain = restate.service({
  name: 'chain',
  handlers: {
    run: async (ctx) => {
      let endedMs;
      for (let step = 1; step <= steps; step += 1) {
        await ctx.run('step', () => {
          if (endedMs !== undefined) hops.add(performance.now() - endedMs);
          endedMs = performance.now();
        });
      }
      return 'done';
    },
  },
});
await restate
  .endpoint()
  .bind(chain)
  .setLogger(() => undefined)
  .listen(service);
const bin = join(import.meta.dirname, 'node_modules', '.bin', 'restate-server');
const server = spawn(bin, [], {
  cwd: mkdtempSync(join(tmpdir(), 'restate-')),
  stdio: ['ignore', 'ignore', 'ignore'],
  // A group of its own: the program of the package is a launcher, and both must go.
  detached: true,
  env: {
    ...process.env,
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_IP: '127.0.0.1',
    RESTATE_BIND_PORT: String(node),
    RESTATE_INGRESS__BIND_PORT: String(ingress),
    RESTATE_ADMIN__BIND_PORT: String(admin),
    RESTATE_DISABLE_TELEMETRY: 'true',
  },
});
process.on('exit', () => process.kill(-server.pid, 'SIGKILL'));
const post = (port, path, body) =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
for (let attempt = 0; ; attempt += 1) {
  try {
    const answer = await post(admin, '/deployments', { uri: `http://127.0.0.1:${service}` });
    if (answer.ok) break;
    throw new Error(await answer.text());
  } catch (error) {
    if (attempt > 100) throw error;
    await sleep(200);
  }
}
await measure(
  async () => {
    const answer = await post(ingress, '/chain/run', null);
    if (!answer.ok) throw new Error(await answer.text());
    await answer.text();
  },
  { count: Number(countText), hops: hops.read },
);
