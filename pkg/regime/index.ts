/**
 * regime: how dangerous the whole market is, and what that allows new positions.
 *
 * An hourly score of five parts from closed candles, and a breaker that looks at the marks of each minute. Pure: it
 * reads no clock, no row and no venue; whoever asks hands in candles, samples, what stood before and the time. It
 * touches no open position. Invariant: what is missing, too old or full of holes refuses openings with its reason;
 * nothing here ever fails open.
 */
export { bandOf, crowdingMarginFactor, effectsOf, type Band, type RegimeEffects } from './bands.ts';
export {
  decideOpening,
  nextCooldown,
  type Cooldown,
  type OpeningDecision,
  type StoredScore,
} from './decide-opening.ts';
export {
  detectShock,
  nextBreaker,
  type Breaker,
  type MarkSample,
  type ShockFinding,
} from './market-shock.ts';
export { scoreRegime, type RegimePart } from './score-regime.ts';
