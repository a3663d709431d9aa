import type { Random } from '#pkg/base';
import type { PortFaults } from './faulty-port.ts';
import type { QueueFaults } from './simulated-queues.ts';

/**
 * Which faults a seed has at all.
 *
 * Each is there in about half of the seeds: a fault that always comes with all others is often hidden by what these
 * set right, as a lapsed lease does with a lost reply.
 */
export interface Weather {
  readonly port: PortFaults;
  readonly queue: QueueFaults;
  readonly deadlockShare: number;
  /** Of groups: the database rolls one back, and each member goes alone; or passes by a member whose row is locked. */
  readonly contendedShare: number;
  readonly freezeShare: number;
  readonly hasDeaths: boolean;
  readonly hasFreezes: boolean;
  readonly hasWipes: boolean;
  readonly hasQueueOutages: boolean;
  readonly hasStoreOutages: boolean;
}

export const CALM: Weather = {
  port: { refused: 0, lost: 0 },
  queue: { doubled: 0, delayed: 0, refused: 0, signalLost: 0 },
  deadlockShare: 0,
  contendedShare: 0,
  freezeShare: 0,
  hasDeaths: false,
  hasFreezes: false,
  hasWipes: false,
  hasQueueOutages: false,
  hasStoreOutages: false,
};

export function drawWeather(random: Random): Weather {
  const has = (): boolean => random.next() < 0.5;
  const share = (ifThere: number): number => (has() ? ifThere : 0);
  return {
    port: { refused: share(0.01), lost: share(0.03) },
    queue: {
      doubled: share(0.05),
      delayed: share(0.05),
      refused: share(0.02),
      signalLost: share(0.1),
    },
    deadlockShare: share(0.02),
    contendedShare: share(0.1),
    freezeShare: share(0.002),
    hasDeaths: has(),
    hasFreezes: has(),
    hasWipes: has(),
    hasQueueOutages: has(),
    hasStoreOutages: has(),
  };
}
