import { createServer } from 'node:net';
import { expect, test } from 'vitest';

import { findFreePort, isPortFree } from './free-port.ts';

test('a found port is free, and lies where no outgoing connection takes its own end', async () => {
  for (let tried = 0; tried < 20; tried += 1) {
    const port = await findFreePort('127.0.0.1');
    expect(port).toBeLessThan(32_768);
    expect(await isPortFree('127.0.0.1', port)).toBe(true);
  }
});

test('a port that somebody listens on is not free', async () => {
  const server = createServer();
  const port = await findFreePort('127.0.0.1');
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await isPortFree('127.0.0.1', port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
});
