import type { CancelTimer, Clock, Random } from '#pkg/base';

/**
 * The life of one simulated process: what it awaits may come late, or never again.
 *
 * A crash is a promise that stays unsettled: nothing of the process runs any more, no `finally` either. A frozen process
 * gets its answers and timers when it thaws, and its clocks have gone on.
 */
export interface Life {
  readonly name: string;
  readonly clock: Clock;
  isDead(): boolean;
  /** Every await on something outside: a moment passes, or the life ends here. */
  pass(): Promise<void>;
  /** Calls `act` now, at the thaw, or never. */
  enter(act: () => void): void;
  kill(): void;
  freeze(forMs: number): void;
  /** How often it awaited something. */
  passes(): number;
}

const PASS_MS_MAX = 4;
/** Most answers come at once, so that orders of arrival differ. */
const LATE_SHARE = 0.4;
const SKEW_MS_MAX = 500;
/** Long enough, mostly, for a lease to lapse meanwhile. */
const FREEZE_MS = { min: 1_000, spread: 3_000 };

export interface LifeOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends at this await of its own; never, when undefined. */
  readonly diesAtPass: number | undefined;
  /** Share of awaits at which the process freezes now. */
  readonly freezeShare: () => number;
  /** Share of awaits that take some time; 0.4 when absent. */
  readonly lateShare?: () => number;
  readonly onDeath: () => void;
}

export function createLife(options: LifeOptions): Life {
  const { name, clock: world, random, diesAtPass, freezeShare, onDeath } = options;
  const lateShare = options.lateShare ?? (() => LATE_SHARE);
  const skewMs = Math.round((random.next() * 2 - 1) * SKEW_MS_MAX);
  const offsetMs = random.next() * 1e6;
  let isDead = false;
  let frozenUntilMs = 0;
  let count = 0;
  const enter = (act: () => void): void => {
    if (isDead) return;
    const frozenMs = frozenUntilMs - world.monotonicMs();
    if (frozenMs > 0) world.schedule(frozenMs, () => enter(act));
    else act();
  };
  const kill = (): void => {
    if (isDead) return;
    isDead = true;
    onDeath();
  };
  const schedule = (delayMs: number, callback: () => void): CancelTimer => {
    let isCanceled = false;
    const cancel = world.schedule(delayMs, () =>
      enter(() => {
        if (!isCanceled) callback();
      }),
    );
    return () => {
      isCanceled = true;
      cancel();
    };
  };
  const clock: Clock = {
    nowMs: () => Math.floor(world.nowMs()) + skewMs,
    monotonicMs: () => world.monotonicMs() + offsetMs,
    schedule,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const end = (): void => {
          cancel();
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const cancel = schedule(delayMs, end);
        signal?.addEventListener('abort', end, { once: true });
      }),
  };
  const freeze = (forMs: number): void => {
    frozenUntilMs = Math.max(frozenUntilMs, world.monotonicMs() + forMs);
  };
  return {
    name,
    clock,
    isDead: () => isDead,
    enter,
    pass: () =>
      new Promise((resolve) => {
        count += 1;
        if (count === diesAtPass) kill();
        if (random.next() < freezeShare()) freeze(FREEZE_MS.min + random.next() * FREEZE_MS.spread);
        const delayMs = random.next() < lateShare() ? random.next() * PASS_MS_MAX : 0;
        if (delayMs > 0) world.schedule(delayMs, () => enter(resolve));
        else enter(resolve);
      }),
    kill,
    freeze,
    passes: () => count,
  };
}
