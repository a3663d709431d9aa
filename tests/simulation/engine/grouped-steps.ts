import type { Random } from '#pkg/base';
import {
  createGroupedTransact,
  decideInTurn,
  StoreUnavailableError,
  type GroupMember,
  type GroupOutcome,
  type LeaseFence,
  type LeaseStore,
  type StepStore,
} from '#pkg/store';
import type { PortFaults } from './faulty-port.ts';
import type { Life } from './life.ts';

/** Few, so that groups follow each other and members change places. */
const MEMBERS_MAX = 4;
const GATHER_MS_MAX = 12;

/**
 * Returns `port` with `transact` in groups, as a process reaches a server: what is asked for while a commit is on its way is
 * committed together, in one instant of `rows` or not at all. A group may be refused, rolled back, lose its reply or its
 * process; a member may be passed by because its row is locked.
 */
export function withGroups(
  port: StepStore,
  world: {
    readonly rows: StepStore;
    readonly leases: LeaseStore;
    readonly life: Life;
    readonly random: Random;
    readonly faults: () => PortFaults;
    readonly contendedShare: () => number;
    readonly onGroup: (size: number) => void;
  },
): StepStore {
  const { rows, leases, life, random, faults, contendedShare, onGroup } = world;
  const transact = createGroupedTransact(
    {
      alone: ({ workflowId, fence, lease, decide }) =>
        port.transact(
          workflowId,
          { ...(fence === undefined ? {} : { fence }), ...(lease === undefined ? {} : { lease }) },
          decide,
        ),
      together: async (members) => {
        await life.pass();
        if (random.next() < faults().refused) throw new StoreUnavailableError({});
        if (random.next() < contendedShare()) {
          throw new StoreUnavailableError({ fields: { problem: 'Contended' } });
        }
        const isHeld = await readHeld(leases, members);
        const outcomes = new Map<unknown, GroupOutcome>();
        const writes = [...Map.groupBy(members, ({ workflowId }) => workflowId)]
          .filter(() => random.next() >= contendedShare())
          .map(([workflowId, its]) =>
            rows.transact(workflowId, {}, (tree) => {
              const decided = decideInTurn(tree, its, isHeld);
              for (const [at, member] of its.entries()) {
                outcomes.set(member, decided.outcomes[at] ?? { kind: 'apart' });
              }
              return { change: decided.change, value: undefined };
            }),
          );
        await Promise.all(writes);
        onGroup(members.length);
        await life.pass();
        if (random.next() < faults().lost) throw new StoreUnavailableError({});
        return members.map((member) => outcomes.get(member) ?? { kind: 'apart' });
      },
    },
    {
      clock: life.clock,
      // Mostly late, so that there is company.
      soon: (start) => void life.clock.schedule(random.next() * GATHER_MS_MAX, start),
      membersMax: MEMBERS_MAX,
    },
  );
  return { ...port, transact };
}

/** No time passes between this and the writes, so what is held stays so. */
async function readHeld(
  leases: LeaseStore,
  members: readonly GroupMember[],
): Promise<(lease: LeaseFence) => boolean> {
  const names = new Set(members.flatMap(({ lease }) => lease?.name ?? []));
  const found = await Promise.all([...names].map((name) => leases.find(name)));
  return ({ name, holder, epoch }) =>
    found.some(
      (lease) =>
        lease?.name === name &&
        lease.holder === holder &&
        lease.epoch === epoch &&
        lease.remainingMs > 0,
    );
}
