/** A venue under test: commands by endpoint name, time and price by hand, every frame kept. */
import { required, type Decimal } from '#pkg/base';
import type { MarketChoice } from '../market/market-choice.ts';
import type { PriceMove } from '../market/moves.ts';
import { faultsOf } from './ledger-testing.ts';
import type { Parameters } from './parameters.ts';
import { VenueRejection } from './rejection.ts';
import { VenueState } from './state.ts';
import type { UserFrame } from './world.ts';
import { createVenue, ENDPOINTS, type Venue } from './venue.ts';

/** A quarter of an hour before funding. */
export const START_MS = Math.ceil(1_777_800_000_000 / 28_800_000) * 28_800_000 - 900_000;
export const SYMBOL = 'SOLUSDT';
const ORDER = 'POST /fapi/v1/order';
export type Body = Readonly<Record<string, unknown>>;

export class Market {
  readonly venue: Venue;
  readonly frames: Body[] = [];
  /** The same frames with the account that each went to. */
  readonly sent: UserFrame[] = [];
  nowMs = START_MS;
  #fundAtFirst = '1000000';

  constructor(
    balances: Readonly<Record<string, string>> = { a: '10000', b: '10000' },
    choice: MarketChoice = 'lively',
    symbolCount?: number,
  ) {
    const accounts = Object.entries(balances).map(([key, balance]) => ({
      key,
      secret: 's',
      balance,
    }));
    const options = {
      seed: 'kraite',
      accounts,
      resumeMarketMs: 0,
      market: choice,
      ...(symbolCount === undefined ? {} : { symbolCount }),
    };
    this.venue = createVenue(new VenueState(), options, START_MS);
  }

  /** Calls an endpoint; a refusal comes back as its code. */
  call(key: string, name: string, parameters: Parameters = {}): Body {
    const endpoint = ENDPOINTS.find((each) => `${each.method} ${each.path}` === name);
    const account = this.venue.state.get('accounts', key);
    try {
      const found = required(endpoint, `${name} exists.`);
      return this.venue.call(found, parameters, account, this.nowMs) as Body;
    } catch (thrown) {
      if (thrown instanceof VenueRejection) return { code: thrown.venueCode };
      throw thrown;
    } finally {
      this.#keepFrames();
    }
  }

  market(key: string, side: string, quantity: string): Body {
    const order = { symbol: SYMBOL, side, type: 'MARKET', quantity, newOrderRespType: 'RESULT' };
    return this.call(key, ORDER, order);
  }

  limit(key: string, side: string, quantity: string, price: Decimal, more: Parameters = {}): Body {
    return this.call(key, ORDER, {
      symbol: SYMBOL,
      side,
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity,
      price: price.toFixed(2),
      newOrderRespType: 'RESULT',
      ...more,
    });
  }

  tick(afterMs = 250): void {
    this.nowMs += afterMs;
    this.venue.tick(this.nowMs);
    this.#keepFrames();
  }

  /** From now on the price stands at `ratio` of its path. */
  gap(ratio: number, on: PriceMove['on'] = 'all', symbol = SYMBOL): void {
    const meta = required(this.venue.state.get('meta', 'all'), 'The venue has begun.');
    const move = { ratio, on, symbol, startMs: this.nowMs, rampMs: 0, holdMs: 0 };
    const moves = [...meta.moves, { ...move, recoverMs: undefined }];
    this.venue.state.put('meta', 'all', { ...meta, moves });
    this.tick();
  }

  #keepFrames(): void {
    const frames = this.venue.takeFrames();
    this.sent.push(...frames);
    this.frames.push(...frames.map(({ payload }) => payload));
  }

  /** The insurance fund holds this from the beginning. */
  setFund(insuranceFund: string): void {
    const meta = required(this.venue.state.get('meta', 'all'), 'The venue has begun.');
    this.venue.state.put('meta', 'all', { ...meta, insuranceFund });
    this.#fundAtFirst = insuranceFund;
  }

  /** What the books do not explain; nothing is as it should be. */
  get faults(): readonly string[] {
    return faultsOf(this.venue, this.#fundAtFirst);
  }

  get quote() {
    return this.venue.quote(SYMBOL, this.nowMs);
  }
}
