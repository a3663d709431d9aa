/** One REST endpoint: who may ask, what it weighs, what it does. */
import type { AccountRow } from './rows.ts';
import type { Parameters } from './parameters.ts';
import type { World } from './world.ts';
import type { Market } from '../market/market.ts';

/** Open to all; a known key in the header; or signed as well. */
export type Security = 'public' | 'key' | 'signed';

export interface EndpointCall {
  readonly world: World;
  readonly market: Market;
  readonly parameters: Parameters;
}

interface EndpointCommon {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below the host, `/fapi/v1/order`. */
  readonly path: string;
  /** Weight on the source address. */
  readonly weight: (parameters: Parameters) => number;
  /** Counts on the account's order limits. */
  readonly isOrder?: boolean;
}

export type Endpoint =
  | (EndpointCommon & {
      readonly security: 'public';
      readonly run: (call: EndpointCall) => unknown;
    })
  | (EndpointCommon & {
      readonly security: 'key' | 'signed';
      readonly run: (call: EndpointCall, account: AccountRow) => unknown;
    });
