/**
 * The contract of a `Store`, as tests.
 *
 * Goal: the memory store may stand in for MySQL and MariaDB only as far as this suite proves it. Method: every
 * case uses the port alone, plus `passTime`, because leases and heartbeats live by the database's own clock.
 * Every case makes its own rows, so that all share one database. Steps have a suite of their own.
 */
import { afterAll, beforeAll, describe } from 'vitest';

import { required } from '#pkg/base';
import type { Store } from '#pkg/store';
import { describeLeasesAndWorkers } from './store/leases-and-workers.ts';
import { describeMarketRows } from './store/market-rows.ts';
import { describeOrders } from './store/orders.ts';
import { describePositions } from './store/positions.ts';
import { describeRecords } from './store/records.ts';
import { describeStreamRows } from './store/stream-rows.ts';
import { describeAccounts } from './store/accounts.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Lets at least `ms` pass on the clock by which leases and heartbeats live. */
  readonly passTime: (ms: number) => Promise<void>;
}

export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store conformance: ${name}`, () => {
    let opened: StoreUnderTest | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.store[Symbol.asyncDispose]());
    const subject = (): StoreUnderTest => required(opened, 'The store is open before all tests.');

    describeLeasesAndWorkers(subject);
    describeAccounts(subject);
    describePositions(subject);
    describeOrders(subject);
    describeMarketRows(subject);
    describeRecords(subject);
    describeStreamRows(subject);
  });
}
