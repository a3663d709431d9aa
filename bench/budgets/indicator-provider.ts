/** An indicator provider that says nothing of how it counts: a window that slides, or one that begins at instants of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createSystemClock, type Random } from '#pkg/base';

export const PLAN = { windowMs: 15_000, weightMax: 75 };
export type ProviderWindow = 'sliding' | 'fixed';

interface Answered {
  readonly atMs: number;
  readonly isGranted: boolean;
  readonly calculations: number;
}

export interface BenchProvider extends AsyncDisposable {
  readonly url: string;
  /** Everything it was asked, oldest first. */
  readonly answered: readonly Answered[];
}

export async function startProvider(
  window: ProviderWindow,
  random: Random,
): Promise<BenchProvider> {
  const clock = createSystemClock();
  const phaseMs = random.integer(PLAN.windowMs);
  const answered: Answered[] = [];
  let granted: number[] = [];
  const windowOf = (atMs: number): number => Math.floor((atMs + phaseMs) / PLAN.windowMs);
  const isGranted = (nowMs: number): boolean => {
    granted = granted.filter((atMs) =>
      window === 'sliding' ? atMs > nowMs - PLAN.windowMs : windowOf(atMs) === windowOf(nowMs),
    );
    if (granted.length >= PLAN.weightMax) return false;
    granted.push(nowMs);
    return true;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const ids = [
        ...Buffer.concat(chunks)
          .toString()
          .matchAll(/"id":"([^"]*)"/gu),
      ];
      const nowMs = clock.monotonicMs();
      const isFine = isGranted(nowMs);
      answered.push({ atMs: nowMs, isGranted: isFine, calculations: ids.length });
      const data = ids.map(([, id]) => ({ id, result: { value: 1 }, errors: [] }));
      // Calculating takes the real one some time.
      clock.schedule(20 + random.integer(40), () => {
        response.writeHead(isFine ? 200 : 429, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(isFine ? { data } : { error: 'rate limit' }));
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answered,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
