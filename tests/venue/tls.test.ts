/** The simulated exchange over TLS: who trusts its certificate gets in, by name and by address, and nobody else. */
import { get } from 'node:https';
import { expect, test } from 'vitest';

import { startSimulatedVenue } from '#pkg/exchange/simulated';
import { openStream } from './stream-socket.ts';

const statusOf = (url: string, ca: string | undefined): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url, { ...(ca === undefined ? {} : { ca }), agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });

test('REST, streams and the WebSocket API speak TLS with a certificate that is made and handed out', async () => {
  await using venue = await startSimulatedVenue({
    accounts: [],
    tls: { hosts: ['localhost', '127.0.0.1', '::1', '2001:db8::7'] },
  });
  const ca = venue.certificate ?? '';
  expect(ca).toContain('BEGIN CERTIFICATE');
  expect(venue.urls.rest).toMatch(/^https:/);
  const path = '/fapi/v1/time';
  expect(await statusOf(`${venue.urls.rest}${path}`, ca)).toBe(200);
  const byName = venue.urls.rest.replace('127.0.0.1', 'localhost');
  expect(await statusOf(`${byName}${path}`, ca)).toBe(200);
  await expect(statusOf(`${venue.urls.rest}${path}`, undefined)).rejects.toThrow(/self.signed/);
  using stream = await openStream(`${venue.urls.marketStream}/ws/btcusdt@markPrice@1s`, { ca });
  await stream.next(({ e }) => e === 'markPriceUpdate');
  using api = await openStream(venue.urls.socketApi, { ca });
  api.send({ id: 1, method: 'ping' });
  expect(await api.next(({ id }) => id === 1)).toMatchObject({ status: 200, result: {} });
});

test('a certificate of another name is not accepted', async () => {
  await using venue = await startSimulatedVenue({ accounts: [], tls: { hosts: ['other.local'] } });
  const asked = statusOf(`${venue.urls.rest}/fapi/v1/time`, venue.certificate);
  await expect(asked).rejects.toThrow(/altnames|IP/);
});
