import { findNearest } from '#pkg/base';
import type { FleetPlan, PlannedBox } from '#pkg/fleet-spec';
import { LocalError } from './errors.ts';
import type { SupervisedProcess } from './supervised-process.ts';
import { concludeBoxState, type BoxState, type BoxStatus } from './status.ts';

/** Every supervised process, by box; answers what is up and takes whole boxes down at once. */
export class BoxBoard {
  #boxes: readonly PlannedBox[];
  readonly #processes = new Map<string, SupervisedProcess>();
  readonly #waiters = new Set<() => void>();

  constructor(plan: FleetPlan) {
    this.#boxes = plan.boxes;
  }

  get processes(): readonly SupervisedProcess[] {
    return [...this.#processes.values()];
  }

  get statuses(): readonly BoxStatus[] {
    return this.#boxes.map((box) => this.statusOf(box));
  }

  setBoxes(boxes: readonly PlannedBox[]): void {
    this.#boxes = boxes;
  }

  add(process: SupervisedProcess): void {
    this.#processes.set(process.identity.name, process);
  }

  remove(name: string): void {
    this.#processes.delete(name);
  }

  find(name: string): SupervisedProcess | undefined {
    return this.#processes.get(name);
  }

  statusOf(box: PlannedBox): BoxStatus {
    const processes = this.#ofBox(box.name).map(({ status }) => status);
    const troubled = processes.find(
      ({ state, reason }) => state !== 'ready' && reason !== undefined,
    );
    return {
      name: box.name,
      role: box.role,
      state: concludeBoxState(processes.map(({ state }) => state)),
      reason: troubled === undefined ? undefined : `${troubled.name}: ${troubled.reason}`,
      egressAddress: box.egressAddress,
      bindAddress: box.bindAddress,
      processes,
    };
  }

  stateOf(box: string): BoxState | undefined {
    return this.statuses.find(({ name }) => name === box)?.state;
  }

  /**
   * Returns the processes that `kill-box` or `start-box` means. Throws {@link LocalError} for an unknown box,
   * or when `only` names what the boxes do not have.
   */
  require(boxes: readonly string[], only: string | undefined): readonly SupervisedProcess[] {
    const names = this.#boxes.map(({ name }): string => name);
    for (const box of boxes) {
      if (names.includes(box)) continue;
      const close = findNearest(box, names);
      const hint = close === undefined ? '' : ` (did you mean ${close}?)`;
      throw new LocalError(
        'UNKNOWN_BOX',
        `no box is called ${box}${hint}; the boxes are ${names.join(', ')}`,
        { exit: 'wrong-use' },
      );
    }
    const chosen = boxes
      .flatMap((box) => this.#ofBox(box))
      .filter(({ identity }) => only === undefined || identity.kind === only);
    if (chosen.length > 0) return chosen;
    throw new LocalError('UNKNOWN_BOX', `${boxes.join(', ')} has no ${only ?? 'process'} here`, {
      exit: 'wrong-use',
    });
  }

  /** Resolves once `condition` holds; it is looked at after every change of a process. */
  async when(condition: () => boolean, signal: AbortSignal): Promise<void> {
    while (!condition() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#waiters.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#waiters.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    }
  }

  /** To be called after a change of a process. */
  wakeWaiters(): void {
    for (const wake of this.#waiters) wake();
  }

  #ofBox(box: string): readonly SupervisedProcess[] {
    return this.processes.filter(({ identity }) => identity.box === box);
  }
}
