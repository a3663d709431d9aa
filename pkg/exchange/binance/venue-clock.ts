import type { Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';

/** The venue's time, estimated on our monotonic clock. */
export interface VenueClock {
  /** Estimated venue time, ms; our wall clock until the first measurement. */
  nowMs(): number;
  /** Venue time minus our wall clock, ms. */
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
const SKEW_WORTH_SAYING_MS = 1_000;

/** Asks the venue for its time; resolves to its answer, ms. */
export type AskTime = () => Promise<number>;

/**
 * Returns a clock that follows the venue's.
 *
 * Each sample takes the venue's stamp as that of the middle of the round trip, so half the trip bounds the
 * error; of several samples the fastest counts. Our wall clock may jump without harm: the estimate runs on
 * the monotonic clock.
 */
export function createVenueClock(
  dependencies: { readonly clock: Clock; readonly logger: Logger; readonly askTime: AskTime },
  options: Partial<VenueClockOptions> = {},
): VenueClock {
  const { clock, logger, askTime } = dependencies;
  const { refreshAfterMs, trustedForMs } = { ...DEFAULT_OPTIONS, ...options };
  let anchorMs: number | undefined;
  let measuredAtMs = Number.NEGATIVE_INFINITY;
  let isSkewSaid = false;
  let running: Promise<void> | undefined;

  const nowMs = (): number =>
    anchorMs === undefined ? clock.nowMs() : anchorMs + clock.monotonicMs();

  const sample = async () => {
    const sentAtMs = clock.monotonicMs();
    const venueMs = await askTime();
    const tripMs = clock.monotonicMs() - sentAtMs;
    return { anchorMs: venueMs - (sentAtMs + tripMs / 2), tripMs };
  };
  const measure = async (): Promise<void> => {
    const samples = [await sample()];
    const wanted = anchorMs === undefined ? SAMPLES_AT_START : 1;
    while (samples.length < wanted) samples.push(await sample());
    const best = samples.reduce((a, b) => (b.tripMs < a.tripMs ? b : a));
    anchorMs = best.anchorMs;
    measuredAtMs = clock.monotonicMs();
    const offsetMs = Math.round(nowMs() - clock.nowMs());
    if (Math.abs(offsetMs) > SKEW_WORTH_SAYING_MS && !isSkewSaid) {
      isSkewSaid = true;
      logger.warn({ offsetMs, tripMs: Math.round(best.tripMs) }, 'this host is off venue time');
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
    offsetMs: () => nowMs() - clock.nowMs(),
    distrust: () => {
      measuredAtMs = Number.NEGATIVE_INFINITY;
    },
    ensure: async () => {
      const ageMs = clock.monotonicMs() - measuredAtMs;
      if (ageMs <= refreshAfterMs) return;
      const measuring = measureOnce();
      if (ageMs > trustedForMs) return measuring;
      measuring.catch((error: unknown) => {
        logger.debug({ err: error }, 'venue time not refreshed');
      });
    },
  };
}
