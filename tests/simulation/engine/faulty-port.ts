import type { Random } from '#pkg/base';
import { StoreUnavailableError, type StepStore } from '#pkg/store';
import type { Life } from './life.ts';

/** What may go wrong between a process and a port now; shares of calls. */
export interface PortFaults {
  /** The call is refused, nothing happened. */
  readonly refused: number;
  /** The call did what it should, and its reply is lost. */
  readonly lost: number;
}

type AsyncPort = { readonly [Method in string]: (...given: never[]) => Promise<unknown> };

/** Returns `port` as one process reaches it: each call takes time, and may fail before or after it took effect. */
export function createFaultyPort<Port extends object>(
  port: Port,
  process: {
    readonly life: Life;
    readonly random: Random;
    readonly faults: () => PortFaults;
  },
): Port {
  const { life, random, faults } = process;
  const methods = Object.keys(port).map((name) => [
    name,
    async (...given: never[]): Promise<unknown> => {
      await life.pass();
      if (random.next() < faults().refused) throw new StoreUnavailableError({});
      const reply = await (port as AsyncPort)[name]?.(...given);
      await life.pass();
      if (random.next() < faults().lost) throw new StoreUnavailableError({});
      return reply;
    },
  ]);
  return Object.fromEntries(methods) as Port;
}

/** Returns `steps` in which a transaction is now and then decided twice, as after a deadlock. */
export function withDeadlocks(steps: StepStore, random: Random, share: () => number): StepStore {
  return {
    ...steps,
    transact: (workflowId, options, decide) =>
      steps.transact(workflowId, options, (tree) => {
        if (random.next() < share()) decide(tree);
        return decide(tree);
      }),
  };
}
