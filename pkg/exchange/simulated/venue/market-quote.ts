/** Prices at one instant; each is worked out when it is first asked for. */
import { Decimal, required } from '#pkg/base';
import type { Market } from '../market/market.ts';
import type { ListedSymbol } from '../market/symbols.ts';
import type { Quote } from './world.ts';

/** Half the distance between bid and ask, as a part of the price. */
const HALF_SPREAD = 0.0001;

class MarketQuote implements Quote {
  readonly roughMark: number;
  readonly roughLast: number;
  readonly #premium: () => number;
  readonly #tick: string;
  #mark: Decimal | undefined;
  #index: Decimal | undefined;
  #last: Decimal | undefined;
  #bid: Decimal | undefined;
  #ask: Decimal | undefined;

  constructor(market: Market, listed: ListedSymbol, atMs: number) {
    this.roughMark = market.priceAt(listed.symbol, atMs);
    this.roughLast = market.lastPriceAt(listed.symbol, atMs);
    this.#premium = () => market.premiumAt(listed.symbol, atMs);
    this.#tick = listed.tickSize;
  }

  get mark(): Decimal {
    this.#mark ??= new Decimal(this.roughMark.toFixed(8));
    return this.#mark;
  }

  get index(): Decimal {
    this.#index ??= new Decimal((this.roughMark / (1 + this.#premium())).toFixed(8));
    return this.#index;
  }

  get last(): Decimal {
    this.#last ??= new Decimal(this.roughLast.toFixed(8));
    return this.#last;
  }

  get bid(): Decimal {
    if (this.#bid === undefined) {
      const tick = new Decimal(this.#tick);
      const below = new Decimal(this.roughLast).minus(this.#half(tick));
      this.#bid = Decimal.max(tick, below.div(tick).floor().times(tick));
    }
    return this.#bid;
  }

  get ask(): Decimal {
    if (this.#ask === undefined) {
      const tick = new Decimal(this.#tick);
      const above = new Decimal(this.roughLast).plus(this.#half(tick));
      this.#ask = above.div(tick).ceil().times(tick);
    }
    return this.#ask;
  }

  #half(tick: Decimal): Decimal {
    return Decimal.max(tick.div(2), this.roughLast * HALF_SPREAD);
  }
}

/** Returns the quotes of an instant, each made once; those of another instant are forgotten. */
export function createQuoteBoard(
  market: Market,
  symbols: ReadonlyMap<string, ListedSymbol>,
): (symbol: string, atMs: number) => Quote {
  let quotes = new Map<string, Quote>();
  let quotedAtMs = -1;
  return (symbol, atMs) => {
    if (atMs !== quotedAtMs) {
      quotes = new Map();
      quotedAtMs = atMs;
    }
    const known = quotes.get(symbol);
    if (known !== undefined) return known;
    const listed = required(symbols.get(symbol), 'Only listed symbols have quotes.');
    const made = new MarketQuote(market, listed, atMs);
    quotes.set(symbol, made);
    return made;
  };
}
