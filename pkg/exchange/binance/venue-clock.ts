import type { Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';

import { ExchangeUnreachableError } from '../errors.ts';
import { VENUE_CLOCK_BOUND_MS } from '../exchange.ts';

/** The venue's time, estimated on our monotonic clock. */
export interface VenueClock {
  /** Estimated venue time, ms; our wall clock until the first measurement. */
  nowMs(): number;
  /** Has the venue's time been measured yet? */
  isMeasured(): boolean;
  /** How far the estimate may be off, ms; infinite until the first measurement. */
  errorMs(): number;
  /** Venue time minus our wall clock, ms; 0 until the first measurement. */
  offsetMs(): number;
  /** Makes sure of a measurement: waits for it when there is none or it is too old, else refreshes behind. */
  ensure(): Promise<void>;
  /** The venue refused a time stamp: the next `ensure` measures anew. */
  distrust(): void;
}

export interface VenueClockOptions {
  readonly refreshAfterMs: number;
  readonly trustedForMs: number;
}

const DEFAULT_OPTIONS: VenueClockOptions = { refreshAfterMs: 60_000, trustedForMs: 300_000 };
const SAMPLES_AT_START = 2;
const SAMPLES_MAX = 5;
/** An estimate that may be off by no more than this is worth no further sample. */
const GOOD_ERROR_MS = 40;
/** How far two clocks part at most: quartz keeps within 100 millionths, and both may be wrong. */
const DRIFT = 200e-6;
const SKEW_WORTH_SAYING_MS = 1_000;

/** Asks the venue for its time; resolves to its answer, ms. */
export type AskTime = () => Promise<number>;

/**
 * Returns a clock that follows the venue's.
 *
 * Each sample takes the venue's stamp as that of the middle of the round trip, so half the trip bounds the
 * error; of several samples the fastest counts, and one whose error may exceed the bound that finality rests
 * on (`VENUE_CLOCK_BOUND_MS`) counts not at all. The estimate that we have is kept as long as drift leaves it better than
 * a new sample: a host that is busy for a moment must not lose what it knew. Our wall clock may jump without harm: the estimate runs on
 * the monotonic clock.
 */
export function createVenueClock(
  dependencies: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly askTime: AskTime;
    /** Told the offset after each measurement, ms. */
    readonly onMeasured?: (offsetMs: number) => void;
  },
  options: Partial<VenueClockOptions> = {},
): VenueClock {
  const { clock, logger } = dependencies;
  const { refreshAfterMs, trustedForMs } = { ...DEFAULT_OPTIONS, ...options };
  let estimate: (Sample & { readonly takenAtMs: number }) | undefined;
  let measuredAtMs = Number.NEGATIVE_INFINITY;
  let isDistrusted = false;
  let isSkewSaid = false;
  let running: Promise<void> | undefined;

  const nowMs = (): number =>
    estimate === undefined ? clock.nowMs() : estimate.anchorMs + clock.monotonicMs();
  const ageMs = (): number => clock.monotonicMs() - measuredAtMs;
  const errorMs = (): number =>
    estimate === undefined
      ? Number.POSITIVE_INFINITY
      : estimate.tripMs / 2 + (clock.monotonicMs() - estimate.takenAtMs) * DRIFT;

  const measure = async (): Promise<void> => {
    const best = await takeSamples(dependencies, estimate === undefined ? SAMPLES_AT_START : 1);
    const tripMs = Math.round(best.tripMs);
    if (best.tripMs / 2 > VENUE_CLOCK_BOUND_MS) {
      logger.warn({ tripMs }, 'venue time not measured: answers take too long');
      if (ageMs() <= trustedForMs) return;
      throw new ExchangeUnreachableError({ fields: { tripMs } });
    }
    measuredAtMs = clock.monotonicMs();
    if (isDistrusted || best.tripMs / 2 < errorMs()) {
      estimate = { ...best, takenAtMs: measuredAtMs };
    }
    isDistrusted = false;
    const offsetMs = Math.round(nowMs() - clock.nowMs());
    dependencies.onMeasured?.(offsetMs);
    if (Math.abs(offsetMs) > SKEW_WORTH_SAYING_MS && !isSkewSaid) {
      isSkewSaid = true;
      logger.warn({ offsetMs, tripMs }, 'this host is off venue time');
    }
  };
  /** Shared by all who wait, so no single caller's signal may end it. */
  const measureOnce = (): Promise<void> => {
    running ??= measure().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    nowMs,
    isMeasured: () => estimate !== undefined,
    errorMs,
    offsetMs: () => nowMs() - clock.nowMs(),
    distrust: () => {
      isDistrusted = true;
    },
    ensure: async () => {
      if (!isDistrusted && ageMs() <= refreshAfterMs) return;
      const measuring = measureOnce();
      if (isDistrusted || ageMs() > trustedForMs) return measuring;
      measuring.catch((error: unknown) => {
        logger.debug({ err: error }, 'venue time not refreshed');
      });
    },
  };
}

interface Sample {
  readonly anchorMs: number;
  readonly tripMs: number;
}

/** Takes `wanted` samples, and some more while none is close enough; returns the fastest. */
async function takeSamples(
  { clock, askTime }: { readonly clock: Clock; readonly askTime: AskTime },
  wanted: number,
): Promise<Sample> {
  let best: Sample = { anchorMs: 0, tripMs: Number.POSITIVE_INFINITY };
  for (let count = 0; count < SAMPLES_MAX; count += 1) {
    if (count >= wanted && best.tripMs / 2 <= GOOD_ERROR_MS) return best;
    const sentAtMs = clock.monotonicMs();
    const venueMs = await askTime();
    const tripMs = clock.monotonicMs() - sentAtMs;
    if (tripMs < best.tripMs) best = { anchorMs: venueMs - (sentAtMs + tripMs / 2), tripMs };
  }
  return best;
}
