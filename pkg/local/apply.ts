import { diffFleets, planFleet, type FleetPlan, type KraiteFleet } from '#pkg/fleet-spec';
import {
  diffLocalProcesses,
  planLocalProcesses,
  type LocalProcess,
  type ProcessChanges,
} from './plan-processes.ts';

/** What `kraite apply` answers. */
export interface ApplyReport {
  readonly fleet: string;
  /** True when at least one change is refused; then nothing was changed. */
  readonly isRefused: boolean;
  readonly changes: readonly AppliedChange[];
  /** Names of the processes that were started, stopped or replaced; empty when only slots changed. */
  readonly processes: {
    readonly started: readonly string[];
    readonly stopped: readonly string[];
    readonly restarted: readonly string[];
  };
}

export interface AppliedChange {
  readonly path: string;
  readonly effect: 'live' | 'restart' | 'refused';
  readonly message: string;
}

/** What a changed object asks of a running local fleet. */
export interface ApplyPlan {
  readonly report: ApplyReport;
  readonly plan: FleetPlan;
  readonly processes: readonly LocalProcess[];
  readonly changes: ProcessChanges;
}

/** Set when the fleet starts, so only another start can change it here. */
const FIXED_LOCALLY = /^spec\.(exchange\.(mode|endpoints|venue)|core\.)/;

/** Decides what an apply does; changes nothing. */
export function planApply(
  before: { readonly fleet: KraiteFleet; readonly processes: readonly LocalProcess[] },
  after: KraiteFleet,
  facts: { readonly openPositions: number },
): ApplyPlan {
  const differences = diffFleets(before.fleet, after, facts).map(
    ({ path, class: effect, message }): AppliedChange =>
      effect === 'restart' && FIXED_LOCALLY.test(path)
        ? {
            path,
            effect: 'refused',
            message:
              'this is fixed when the fleet starts; stop it with `kraite down` and start it with the changed file',
          }
        : { path, effect, message },
  );
  const plan = planFleet(after.spec, { fleet: after.metadata.name });
  const processes = planLocalProcesses(plan);
  const changes = diffLocalProcesses(before.processes, processes);
  const names = (list: readonly LocalProcess[]): readonly string[] => list.map(({ name }) => name);
  return {
    report: {
      fleet: after.metadata.name,
      isRefused: differences.some(({ effect }) => effect === 'refused'),
      changes: differences,
      processes: {
        started: names(changes.started),
        stopped: names(changes.stopped),
        restarted: names(changes.restarted),
      },
    },
    plan,
    processes,
    changes,
  };
}
