/**
 * What goes wrong in a run, drawn from the seed: storms of some seconds to minutes, of one or two kinds each.
 *
 * A fault that always comes with all others is often hidden by what these set right, so a seed has about half of the kinds.
 */
import type { Random } from '#pkg/base';

import { calmDown, type Fate } from './faults.ts';
import { PROCESSES } from './processes.ts';
import { BOXES, TRADING_BOXES, type FleetWorld } from './fleet-world.ts';
import { actAsUser } from './user-acts.ts';
import { shakeMarket } from './market-acts.ts';
import { squeezeMargin } from './squeeze-margin.ts';

const STORM_KINDS = [
  'requests',
  'limits',
  'refusals',
  'frames',
  'sockets',
  'crashes',
  'freezes',
  'clocks',
  'store',
  'hyperion',
  'redis',
  'dispatcher',
  'athena',
  'tyche',
  'trading-boxes',
  'prices',
  'margin',
  'user',
] as const;
type StormKind = (typeof STORM_KINDS)[number];

const STORM_MS = { min: 5_000, spread: 85_000 };
const DAY_MS = 86_400_000;
/** After a storm, back-offs and time-outs take so long to end. */
const AFTERMATH_MS = 150_000;

export interface Storms {
  /** False while something goes wrong, or what did may not be over. */
  isCalm(): boolean;
  /** What was done to the fleet, for the report. */
  readonly log: string[];
}

export const NO_STORMS: Storms = { isCalm: () => true, log: [] };

/** Draws so many storms a day on average, up to `endMs`, before which an hour is free of them. */
export function brewStorms(
  world: FleetWorld,
  random: Random,
  { endMs, stormsADay }: { readonly endMs: number; readonly stormsADay: number },
): Storms {
  const { clock } = world;
  const kinds = STORM_KINDS.filter(() => random.next() < 0.5);
  const log: string[] = [];
  let calmAtMs = 0;
  const next = (): void => {
    const delayMs = (-Math.log(1 - random.next()) * DAY_MS) / stormsADay;
    const startMs = clock.nowMs() + Math.max(10_000, delayMs);
    if (kinds.length === 0 || startMs > endMs - QUIET_END_MS) return;
    clock.schedule(startMs - clock.nowMs(), () => {
      const lastsMs = STORM_MS.min + random.next() * STORM_MS.spread;
      const count = random.next() < 0.4 ? 2 : 1;
      const chosen = Array.from({ length: count }, () => kinds[random.integer(kinds.length)]);
      calmAtMs = clock.nowMs() + lastsMs + AFTERMATH_MS;
      log.push(
        `${new Date(clock.nowMs()).toISOString()} ${chosen.join(' and ')} for ${(lastsMs / 1_000).toFixed(0)} s`,
      );
      for (const kind of chosen) {
        if (kind !== undefined) begin(world, random, { kind, lastsMs });
      }
      clock.schedule(lastsMs, () => {
        calmDown(world.faults);
        next();
      });
    });
  };
  next();
  return { isCalm: () => clock.nowMs() >= calmAtMs, log };
}

/** More than a receive window, so that the venue refuses what is signed before the offset was measured. */
const SKEW_MS_MAX = 3_000;
/** At the end all must come to rest. */
const QUIET_END_MS = 3_600_000;

interface Storm {
  readonly kind: StormKind;
  readonly lastsMs: number;
}

function begin(world: FleetWorld, random: Random, { kind, lastsMs }: Storm): void {
  const { faults, venue, clock } = world;
  const share = (most: number): number => random.next() * most;
  const atTimes = (timesMax: number, act: () => void): void => {
    for (let count = 1 + random.integer(timesMax); count > 0; count -= 1) {
      clock.schedule(random.next() * lastsMs, act);
    }
  };
  switch (kind) {
    case 'requests':
      Object.assign(faults.requests, shares(random, REQUEST_FATES, 0.15));
      return;
    case 'limits':
      Object.assign(faults.requests, shares(random, ['throttled', 'banned'], 0.05));
      return;
    case 'refusals':
      Object.assign(faults.requests, shares(random, ['busy', 'rejected'], 0.5));
      return;
    case 'frames':
      faults.frames = { doubled: share(0.5), delayed: share(0.5), lost: 0 };
      return;
    case 'sockets':
      atTimes(3, () => {
        for (const peer of venue.sockets.peers()) {
          if (random.next() < 0.5) peer.fallSilent();
          else peer.close();
        }
      });
      return;
    case 'crashes':
      faults.deathShare = share(0.01);
      return;
    case 'freezes':
      faults.freezeShare = share(0.003);
      return;
    case 'clocks':
      faults.requests['out-of-time'] = share(0.3);
      for (const box of Object.keys(BOXES)) {
        if (random.next() < 0.5) faults.skewMs.set(box, (random.next() * 2 - 1) * SKEW_MS_MAX);
      }
      return;
    case 'store':
      faults.port = { refused: share(0.05), lost: share(0.05) };
      faults.deadlockShare = share(0.05);
      return;
    case 'hyperion':
      faults.isStoreAway = true;
      faults.isQueueAway = true;
      faults.queue = { ...faults.queue, refused: 1 };
      return;
    case 'redis':
      faults.queue = {
        doubled: share(0.2),
        delayed: share(0.2),
        refused: share(0.1),
        signalLost: share(0.5),
      };
      atTimes(2, () => world.queues.wipe());
      return;
    case 'dispatcher':
      loseProcesses(world, ['dispatcher']);
      return;
    case 'athena':
      loseBoxes(world, ['athena']);
      return;
    case 'tyche':
      loseBoxes(world, ['tyche']);
      return;
    case 'trading-boxes': {
      const first = random.integer(TRADING_BOXES.length);
      const count = 1 + random.integer(TRADING_BOXES.length);
      loseBoxes(
        world,
        Array.from(
          { length: count },
          (_, at) => TRADING_BOXES[(first + at) % TRADING_BOXES.length] ?? 'eos',
        ),
      );
      return;
    }
    case 'prices':
      shakeMarket(world, random, lastsMs);
      return;
    case 'margin':
      squeezeMargin(world, random, lastsMs);
      shakeMarket(world, random, lastsMs);
      return;
    case 'user':
      atTimes(4, () => actAsUser(world, random));
  }
}

const REQUEST_FATES: readonly Fate[] = [
  'request-lost',
  'reply-lost',
  'held-back',
  'unknown-executed',
  'unknown-not-executed',
  'busy',
  'not-connected',
  'delivered-twice',
];

function shares(
  random: Random,
  fates: readonly Fate[],
  most: number,
): Partial<Record<Fate, number>> {
  return Object.fromEntries(
    fates.flatMap((fate) =>
      random.next() < 0.5 ? [] : [[fate, (random.next() * most) / 2] as const],
    ),
  );
}

function loseBoxes(world: FleetWorld, boxes: readonly string[]): void {
  for (const box of boxes) world.faults.boxesAway.add(box);
  for (const { name, box } of PROCESSES) {
    if (boxes.includes(box)) world.lives.get(name)?.kill();
  }
}

function loseProcesses(world: FleetWorld, names: readonly string[]): void {
  for (const name of names) {
    world.faults.processesAway.add(name);
    world.lives.get(name)?.kill();
  }
}
