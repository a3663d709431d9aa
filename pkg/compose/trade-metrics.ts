/** What is told of positions, orders and the address, under the names of the catalogue. */
import type { WindowBudget } from '#pkg/budgets';
import type { Exchange } from '#pkg/exchange';
import type { PositionMetrics } from '#pkg/lifecycles';
import type { Metrics } from '#pkg/observability';
import type { Store } from '#pkg/store';

/** Returns what a worker counts of the positions that it protects and ends. */
export function positionMetrics(metrics: Metrics): PositionMetrics {
  return {
    protectedAfter: (ms) => metrics.observe('kraite_unprotected_seconds', {}, ms / 1_000),
    ended: (outcome) => metrics.increment('kraite_positions_closed_total', { outcome }),
  };
}

/** Returns `exchange` with each change of an order counted by what came of it. */
export function countOrders(exchange: Exchange, metrics: Metrics): Exchange {
  const count = async <T extends { readonly kind: string }>(
    kind: string,
    sent: Promise<T>,
  ): Promise<T> => {
    try {
      const done = await sent;
      metrics.increment('kraite_orders_total', { kind, outcome: done.kind });
      return done;
    } catch (error) {
      metrics.increment('kraite_orders_total', { kind, outcome: 'failed' });
      throw error;
    }
  };
  return {
    ...exchange,
    placeOrder: (accountId, intent, ...rest) =>
      count(intent.kind, exchange.placeOrder(accountId, intent, ...rest)),
    modifyOrder: (...given) => count('modify', exchange.modifyOrder(...given)),
    cancelOrder: (...given) => count('cancel', exchange.cancelOrder(...given)),
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  };
}

/** Shows before each scrape what the venue grants the address of this process, and whether it refuses it. */
export function showAddress(
  metrics: Metrics,
  options: {
    readonly budget: WindowBudget;
    readonly address: string;
    readonly venueNowMs: () => number;
  },
): void {
  const { budget, address, venueNowMs } = options;
  metrics.onScrape(async () => {
    const nowMs = venueNowMs();
    const key = { provider: 'binance', scope: 'address', id: address } as const;
    const { weightMax, blockedUntilMs = 0 } = await budget.read(key, nowMs);
    metrics.set('kraite_venue_weight_limit', { address }, weightMax);
    metrics.set('kraite_venue_address_banned', { address }, blockedUntilMs > nowMs ? 1 : 0);
  });
}

/** Shows before each scrape how many positions stand, and how many of those that filled have no stop yet. */
export function showPositions(
  metrics: Metrics,
  positions: Pick<Store['positions'], 'countOpen'>,
): void {
  metrics.onScrape(async () => {
    const counts = await positions.countOpen();
    for (const direction of ['long', 'short'] as const) {
      const its = counts.filter((each) => each.direction === direction);
      const open = its.reduce((sum, { count }) => sum + count, 0);
      metrics.set('kraite_open_positions', { direction }, open);
    }
    const unprotected = counts.reduce((sum, each) => sum + each.unprotected, 0);
    metrics.set('kraite_unprotected_positions', {}, unprotected);
  });
}
