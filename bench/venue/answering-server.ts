/**
 * The least that answers as the venue does: one canned balance, with the headers of a real answer.
 *
 * A process of its own, so that it is not the clients' processor time that it takes; it checks nothing, because then it
 * would be what is measured.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createSystemClock } from '#pkg/base';

const clock = createSystemClock();
const BALANCES = JSON.stringify(
  ['USDT', 'USDC', 'BNB'].map((asset) => ({
    accountAlias: 'SgsR',
    asset,
    balance: '122607.35137903',
    crossWalletBalance: '23.72469206',
    crossUnPnl: '0.00000000',
    availableBalance: '23.72469206',
    maxWithdrawAmount: '23.72469206',
    marginAvailable: true,
    updateTime: 1_617_939_110_373,
  })),
);

const server = createServer((request, response) => {
  const body =
    request.url?.startsWith('/fapi/v1/time') === true
      ? JSON.stringify({ serverTime: clock.nowMs() })
      : BALANCES;
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'X-MBX-USED-WEIGHT-1M': '5',
  });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.once('disconnect', () => process.exit(0));
