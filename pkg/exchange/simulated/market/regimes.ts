/**
 * A market of regimes: calm, rising and falling hours and storms follow one another, prices jump, alts follow
 * BTC the more the worse it gets, and the crowd leans with the trend.
 *
 * Hours are drawn one after the other from the seed, each once; within an hour the price is a bridge between
 * its ends that is worked out for the instant alone. So a month may be walked in any order, and costs nothing
 * where nobody looks.
 */
import { createSeededRandom, required, type Random } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import { hashText, normalAt, uniformAt } from './noise.ts';
import type { PriceSource } from './price-source.ts';
import type { ListedSymbol } from './symbols.ts';

const HOUR_MS = 3_600_000;
/** 520 whole days, so that even daily candles number more than 500. */
const HISTORY_HOURS = 520 * 24;
/** An hour is halved this often: bridges are exact to 1.8 s and straight between. */
const HALVINGS = 11;
/** First prices where a symbol has none of its own. */
const MAJOR_PRICES: Readonly<Record<string, number>> = { BTC: 64_000, ETH: 3_100 };
const JUMP_MIN = 0.02;
/** Instants of BTC that are remembered: all symbols are asked for the same ones. */
const REMEMBERED_MAX = 8_192;

interface Regime {
  /** Hours that it lasts, on average. */
  readonly hours: number;
  /** Of BTC's hourly return. */
  readonly deviation: number;
  readonly drift: number;
  readonly jumpsPerHour: number;
  /** By how much alts follow BTC more than their beta says. */
  readonly together: number;
  readonly lean: number;
}

const REGIMES: readonly Regime[] = [
  { hours: 60, deviation: 0.003, drift: 0, jumpsPerHour: 0.001, together: 1, lean: 0 },
  { hours: 36, deviation: 0.005, drift: 0.0007, jumpsPerHour: 0.003, together: 1, lean: 0.0004 },
  {
    hours: 30,
    deviation: 0.006,
    drift: -0.0008,
    jumpsPerHour: 0.004,
    together: 1.2,
    lean: -0.0003,
  },
  { hours: 8, deviation: 0.016, drift: -0.001, jumpsPerHour: 0.05, together: 1.7, lean: -0.0008 },
];
const CALM = required(REGIMES[0], 'There are regimes.');

type Weather = (hour: number) => Regime;

/** Returns the market of regimes that follows from `seed`. */
export function createRegimes(seed: number | string, listed: readonly ListedSymbol[]): PriceSource {
  const weather = createWeather(seed);
  const bitcoin = new Track(`${seed}/regimes/BTC`, weather, (random, regime) => {
    return regime.drift + regime.deviation * fat(random);
  });
  const followers = listed.map((symbol) => new Follower(seed, symbol, bitcoin, weather));
  const followerAt = (index: number): Follower =>
    required(followers[index], 'A symbol index is within the list.');
  return {
    priceAt: (index, marketMs) => followerAt(index).priceAt(marketMs),
    historyOf: (index, endAtMs) =>
      historyFrom((marketMs) => followerAt(index).priceAt(marketMs), weather, endAtMs),
    leanAt: (_index, marketMs) => {
      const hours = HISTORY_HOURS + marketMs / HOUR_MS;
      const hour = Math.floor(hours);
      const part = hours - hour;
      return weather(hour).lean * (1 - part) + weather(hour + 1).lean * part;
    },
  };
}

/** Logarithmic price at the start of each hour, counted from the oldest one, drawn as far as somebody looked. */
class Track {
  readonly levels: number[] = [0];
  readonly #remembered = new Map<number, number>();
  readonly #seed: number;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #step: (random: Random, regime: Regime, level: number) => number;
  readonly #jumps = new Map<number, number>();

  constructor(
    name: string,
    weather: Weather,
    step: (random: Random, regime: Regime, level: number) => number,
  ) {
    this.#seed = hashText(name);
    this.#random = createSeededRandom(name);
    this.#weather = weather;
    this.#step = step;
  }

  /** Within an hour: straight from one end to the other, a bridge around it, and the jump at its instant. */
  at(hour: number, part: number, deviation: number): number {
    this.#draw(hour);
    const from = this.levels[hour] ?? 0;
    const to = this.levels[hour + 1] ?? from;
    const jump = this.#jumps.get(hour) ?? 0;
    const hasJumped = part >= uniformAt(this.#seed ^ 0x2545f491, hour);
    const bridge = bridgeAt(this.#seed ^ Math.imul(hour, 0x9e3779b1), part);
    return from + (to - jump - from) * part + 0.7 * deviation * bridge + (hasJumped ? jump : 0);
  }

  /** As {@link at}, for what is asked for by each symbol. */
  remembered(hour: number, part: number, deviation: number): number {
    const instant = hour + part;
    const known = this.#remembered.get(instant);
    if (known !== undefined) return known;
    const level = this.at(hour, part, deviation);
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(instant, level);
    return level;
  }

  #draw(hour: number): void {
    while (this.levels.length <= hour + 1) {
      const at = this.levels.length - 1;
      const level = this.levels[at] ?? 0;
      const regime = this.#weather(at);
      let change = this.#step(this.#random, regime, level);
      if (this.#random.next() < regime.jumpsPerHour) {
        const size = JUMP_MIN + 0.02 * Math.abs(fat(this.#random));
        const jump = (this.#random.next() < 0.55 ? -1 : 1) * size;
        this.#jumps.set(at, jump);
        change += jump;
      }
      this.levels.push(level + change);
    }
  }
}

/** One symbol: it follows BTC by its beta, more so in bad hours, and goes a way of its own beside that. */
class Follower {
  readonly #symbol: ListedSymbol;
  readonly #bitcoin: Track;
  readonly #weather: Weather;
  readonly #own: Track;
  /** What following has added up to at the start of each hour, so that no price jumps with the regime. */
  readonly #followed: number[] = [0];
  #firstLevel: number | undefined;

  constructor(seed: number | string, symbol: ListedSymbol, bitcoin: Track, weather: Weather) {
    const idle = symbol.firstPrice === undefined ? 0.4 : 1;
    this.#symbol = symbol;
    this.#bitcoin = bitcoin;
    this.#weather = weather;
    this.#own = new Track(`${seed}/regimes/${symbol.symbol}`, weather, (random, regime, level) => {
      // What a symbol does on its own wears off, so that none is lost in a year.
      return idle * 0.8 * regime.deviation * fat(random) - 0.0005 * level;
    });
  }

  priceAt(marketMs: number): number {
    this.#firstLevel ??= this.#levelAt(0);
    const first = this.#symbol.firstPrice ?? MAJOR_PRICES[this.#symbol.baseAsset] ?? 100;
    return first * Math.exp(this.#levelAt(marketMs) - this.#firstLevel);
  }

  #levelAt(marketMs: number): number {
    const hours = HISTORY_HOURS + marketMs / HOUR_MS;
    const hour = Math.floor(hours);
    const part = hours - hour;
    const { deviation } = this.#weather(hour);
    const common = this.#bitcoin.remembered(hour, part, deviation);
    if (this.#symbol.baseAsset === 'BTC') return common;
    return this.#follow(hour, common) + this.#own.at(hour, part, deviation * 0.8);
  }

  #follow(hour: number, common: number): number {
    const { levels } = this.#bitcoin;
    const sums = this.#followed;
    const { beta } = this.#symbol;
    while (sums.length <= hour) {
      const at = sums.length - 1;
      const step = (levels[at + 1] ?? 0) - (levels[at] ?? 0);
      sums.push((sums[at] ?? 0) + beta * this.#weather(at).together * step);
    }
    const inHour = common - (levels[hour] ?? 0);
    return (sums[hour] ?? 0) + beta * this.#weather(hour).together * inHour;
  }
}

/** Returns the regime of each hour; the first day is calm. */
function createWeather(seed: number | string): Weather {
  const random = createSeededRandom(`${seed}/weather`);
  const hours: Regime[] = Array.from({ length: 24 }, () => CALM);
  return (hour) => {
    while (hours.length <= hour) {
      const last = hours.at(-1) ?? CALM;
      const stays = random.next() < 1 - 1 / last.hours;
      const others = REGIMES.filter((each) => each !== last);
      hours.push(stays ? last : (others[random.integer(others.length)] ?? CALM));
    }
    return hours[Math.max(0, hour)] ?? CALM;
  };
}

/** A Brownian bridge over [0, 1] by halving: zero at both ends. */
function bridgeAt(seed: number, part: number): number {
  let [low, high, lowValue, highValue] = [0, 1, 0, 0];
  let node = 1;
  for (let depth = 0; depth < HALVINGS; depth += 1) {
    const middle = (low + high) / 2;
    const value = (lowValue + highValue) / 2 + (Math.sqrt(high - low) / 2) * normalAt(seed, node);
    if (part < middle) {
      [high, highValue, node] = [middle, value, node * 2];
    } else {
      [low, lowValue, node] = [middle, value, node * 2 + 1];
    }
  }
  return lowValue + ((highValue - lowValue) * (part - low)) / (high - low);
}

/** Fat tails: now and then twice as far. */
function fat(random: Random): number {
  return random.normal() * (random.next() < 0.08 ? 2.2 : 1);
}

/** Hourly candles: the ends are the path's, high and low as far beyond as the regime makes likely. */
function historyFrom(
  priceAt: (marketMs: number) => number,
  weather: Weather,
  endAtMs: number,
): readonly Candle[] {
  let open = priceAt(-HISTORY_HOURS * HOUR_MS);
  return Array.from({ length: HISTORY_HOURS }, (_, hour) => {
    const close = priceAt((hour + 1 - HISTORY_HOURS) * HOUR_MS);
    const { deviation } = weather(hour);
    const wick = (salt: number): number =>
      1 + 0.5 * deviation * uniformAt(hashText('wick') + salt, hour);
    const candle: Candle = {
      openAtMs: endAtMs - (HISTORY_HOURS - hour) * HOUR_MS,
      open,
      high: Math.max(open, close) * wick(1),
      low: Math.min(open, close) / wick(2),
      close,
      volume: ((2_000_000 / close) * deviation) / CALM.deviation,
    };
    open = close;
    return candle;
  });
}
