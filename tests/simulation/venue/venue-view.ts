import type { VenueState } from '../../../pkg/exchange/simulated/venue/state.ts';

/** The venue as somebody sees it who is not a client: every order that there ever was. */
export interface VenueView {
  /** How many orders, plain and conditional, the venue ever accepted under each client id of a key. */
  acceptedById(): ReadonlyMap<string, number>;
  /** May an order of a key still fill? */
  isWorking(key: string, clientOrderId: string): boolean;
  priceOf(key: string, clientOrderId: string): string | undefined;
}

export function createVenueView(state: VenueState): VenueView {
  return {
    acceptedById: () => {
      const counts = new Map<string, number>();
      const add = (account: string, clientId: string): void => {
        const name = `${account} ${clientId}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      };
      for (const order of state.rows('orders')) add(order.account, order.clientOrderId);
      for (const algo of state.rows('algos')) add(algo.account, algo.clientAlgoId);
      return counts;
    },
    isWorking: (key, clientOrderId) =>
      [...state.rows('orders')].some(
        (order) =>
          order.account === key &&
          order.clientOrderId === clientOrderId &&
          (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED'),
      ) ||
      [...state.rows('algos')].some(
        (algo) =>
          algo.account === key && algo.clientAlgoId === clientOrderId && algo.status === 'NEW',
      ),
    priceOf: (key, clientOrderId) =>
      [...state.rows('orders')].find(
        (order) => order.account === key && order.clientOrderId === clientOrderId,
      )?.price,
  };
}
