import {
  decideOpening,
  type Breaker,
  type Cooldown,
  type OpeningDecision,
  type RegimePart,
  type ShockFinding,
} from '#pkg/regime';
import type { SettingStore } from '#pkg/store';

/** What the hourly step stores of the market. */
export interface ScoredMarket {
  readonly score: number;
  readonly parts: readonly RegimePart[];
  readonly drawdownRatio: number;
  readonly isFloored: boolean;
  readonly candlesUntilMs: number;
  readonly scoredAtMs: number;
}

/** What the look of each minute stores. */
export interface WatchedMarket {
  readonly breaker: Breaker;
  readonly shock: ShockFinding;
  readonly lookedAtMs: number;
}

/** The market as the two steps that watch it left it. */
export interface MarketFacts {
  readonly scored: ScoredMarket | undefined;
  readonly cooldown: Cooldown;
  readonly watched: WatchedMarket | undefined;
}

const PREFIX = 'regime:';
const SCORED = `${PREFIX}score`;
const COOLDOWN = `${PREFIX}cooldown`;
const WATCHED = `${PREFIX}shock`;
/** A look each minute: after three without one, its last finding says nothing. */
const LOOK_AGE_MS_MAX = 180_000;
const NO_COOLDOWN: Cooldown = { untilMs: undefined };

/** Returns what is known of the market, in one read. */
export async function readMarketFacts(
  settings: Pick<SettingStore, 'listByPrefix'>,
): Promise<MarketFacts> {
  const values = await settings.listByPrefix(PREFIX);
  const read = <T>(name: string): T | undefined => {
    const value = values.get(name);
    return value === undefined ? undefined : (JSON.parse(value) as T);
  };
  return {
    scored: read<ScoredMarket>(SCORED),
    cooldown: read<Cooldown>(COOLDOWN) ?? NO_COOLDOWN,
    watched: read<WatchedMarket>(WATCHED),
  };
}

export async function saveScoredMarket(
  settings: Pick<SettingStore, 'set'>,
  scored: ScoredMarket,
): Promise<void> {
  await settings.set(SCORED, JSON.stringify(scored), scored.scoredAtMs);
}

export async function saveCooldown(
  settings: Pick<SettingStore, 'set'>,
  cooldown: Cooldown,
  nowMs: number,
): Promise<void> {
  await settings.set(COOLDOWN, JSON.stringify(cooldown), nowMs);
}

export async function saveWatchedMarket(
  settings: Pick<SettingStore, 'set'>,
  watched: WatchedMarket,
): Promise<void> {
  await settings.set(WATCHED, JSON.stringify(watched), watched.lookedAtMs);
}

/** Answers from one set of facts whether a new position is allowed and how large; what is old or absent refuses. */
export function judgeMarket(facts: MarketFacts, nowMs: number): OpeningDecision {
  const { scored, cooldown, watched } = facts;
  return decideOpening({
    score: scored,
    cooldown,
    breaker: watched?.breaker ?? { shocks: 0, untilMs: undefined },
    shock: shockOf(watched, nowMs),
    nowMs,
  });
}

function shockOf(watched: WatchedMarket | undefined, nowMs: number): ShockFinding {
  if (watched === undefined) {
    const message = 'The marks have not been looked at yet.';
    return { kind: 'unknown', reason: 'MarkSamplesMissing', message };
  }
  const ageMs = nowMs - watched.lookedAtMs;
  if (ageMs <= LOOK_AGE_MS_MAX) return watched.shock;
  const message = `The marks were last looked at ${Math.round(ageMs / 60_000)} minutes ago.`;
  return { kind: 'unknown', reason: 'MarkSamplesMissing', message };
}
