import type { Clock } from '#pkg/base';

export interface TokenBucketOptions {
  readonly perSecond: number;
  /** Tokens that may be taken at once after a rest. */
  readonly burst: number;
}

/** Hands out `perSecond` tokens, up to `burst` at once; whoever comes when none is left is told how long to wait. */
export interface TokenBucket {
  /** Takes a token, from the future if need be, and returns the ms to wait until it is due. */
  reserve(): number;
  /** Takes a token if there is one now; false, and nothing taken, when not. */
  tryTake(): boolean;
}

export function createTokenBucket(clock: Clock, options: TokenBucketOptions): TokenBucket {
  let tokens = options.burst;
  let countedAtMs = clock.monotonicMs();
  const grow = (): void => {
    const nowMs = clock.monotonicMs();
    const grown = ((nowMs - countedAtMs) * options.perSecond) / 1_000;
    tokens = Math.min(options.burst, tokens + Math.max(0, grown));
    countedAtMs = nowMs;
  };
  return {
    reserve: () => {
      grow();
      tokens -= 1;
      return tokens >= 0 ? 0 : Math.ceil((-tokens * 1_000) / options.perSecond);
    },
    tryTake: () => {
      grow();
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
