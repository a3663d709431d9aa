import { toError } from '#pkg/base';
import { StoreConflictError, StoreUnavailableError } from '../errors.ts';
import type { LeaseFence } from '../lease-store.ts';
import type {
  StepFence,
  StepRow,
  StepStore,
  TreeChange,
  WorkflowRow,
  WorkflowTree,
} from '../step-store.ts';
import type { WorkflowId } from '#pkg/domain';
import { changedTree, isFenceOpen } from './changed-tree.ts';
import { createGroups, type GroupOptions } from './groups.ts';

/** One change of one workflow that may be committed together with others. */
export interface GroupMember {
  readonly workflowId: WorkflowId;
  readonly fence: StepFence | undefined;
  readonly lease?: LeaseFence | undefined;
  readonly decide: (tree: WorkflowTree) => {
    readonly change: TreeChange;
    readonly value: unknown;
  };
}

/** What became of a member. `threw`: its decision did, and changes nothing. `apart`: nothing was tried, it must go alone. */
export type GroupOutcome =
  | { readonly kind: 'committed'; readonly value: unknown }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'threw'; readonly error: Error }
  | { readonly kind: 'apart' };

export interface GroupedWays {
  /** True for a workflow whose changes never go together with others. */
  readonly isApart?: (workflowId: WorkflowId) => boolean;
  readonly alone: (member: GroupMember) => Promise<GroupOutcome>;
  /** Commits all in one transaction, or nothing and rejects; an outcome for each member, in their order. */
  readonly together: (members: readonly GroupMember[]) => Promise<readonly GroupOutcome[]>;
}

/**
 * Returns a `transact` that commits what arrived meanwhile together.
 *
 * Members do not depend on each other: one whose guard is lost or whose decision throws changes nothing, and the others
 * are committed. A group that the database refuses for what it holds, or for contention, is taken apart and each member
 * goes alone. A lost reply is one for every member.
 */
export function createGroupedTransact(
  { isApart, alone, together }: GroupedWays,
  options: GroupOptions,
): StepStore['transact'] {
  interface Waiting {
    readonly member: GroupMember;
    readonly answer: (outcome: GroupOutcome) => void;
    readonly reject: (error: Error) => void;
  }
  const goAlone = async ({ member, answer, reject }: Waiting): Promise<void> => {
    try {
      answer(await alone(member));
    } catch (error) {
      reject(toError(error));
    }
  };
  const add = createGroups<Waiting>(async (waiting) => {
    const [first] = waiting;
    if (waiting.length === 1 && first !== undefined) return goAlone(first);
    const apart: Waiting[] = [];
    try {
      const outcomes = await together(waiting.map(({ member }) => member));
      for (const [at, each] of waiting.entries()) {
        const outcome = outcomes[at] ?? { kind: 'apart' };
        if (outcome.kind === 'apart') apart.push(each);
        else each.answer(outcome);
      }
    } catch (error) {
      if (isRolledBack(error)) apart.push(...waiting);
      else for (const { reject } of waiting) reject(toError(error));
    }
    // Whatever made them go alone may last: the next group does not wait for it.
    for (const each of apart) void goAlone(each);
  }, options);
  return <T>(
    workflowId: WorkflowId,
    { fence, lease }: { readonly fence?: StepFence; readonly lease?: LeaseFence },
    decide: (tree: WorkflowTree) => { readonly change: TreeChange; readonly value: T },
  ) =>
    new Promise<{ kind: 'committed'; value: T } | { kind: 'fenced' } | { kind: 'missing' }>(
      (resolve, reject) => {
        const answer = (outcome: GroupOutcome): void => {
          switch (outcome.kind) {
            case 'committed':
              return resolve({ kind: 'committed', value: outcome.value as T });
            case 'threw':
              return reject(outcome.error);
            case 'apart':
            case 'missing':
              return resolve({ kind: 'missing' });
            case 'fenced':
              return resolve({ kind: 'fenced' });
          }
        };
        const waiting = { member: { workflowId, fence, lease, decide }, answer, reject };
        if (isApart?.(workflowId) === true) void goAlone(waiting);
        else add(waiting);
      },
    );
}

/** True when it is known that nothing was written, and each member may be tried by itself. */
export function isRolledBack(error: unknown): boolean {
  if (error instanceof StoreConflictError) return true;
  return error instanceof StoreUnavailableError && error.fields['problem'] === 'Contended';
}

/**
 * Decisions about one workflow, each on what those before it leave; and all their changes as one. Members whose lease
 * `isHeld` denies change nothing.
 */
export function decideInTurn(
  tree: WorkflowTree,
  members: readonly GroupMember[],
  isHeld: (lease: LeaseFence) => boolean,
): {
  readonly outcomes: readonly GroupOutcome[];
  readonly change: TreeChange;
  readonly tree: WorkflowTree;
} {
  let standing = tree;
  const outcomes = members.map(({ fence, lease, decide }): GroupOutcome => {
    if (lease !== undefined && !isHeld(lease)) return { kind: 'fenced' };
    if (fence !== undefined && !isFenceOpen(standing, fence)) return { kind: 'fenced' };
    try {
      const { change, value } = decide(standing);
      standing = changedTree(standing, change);
      return { kind: 'committed', value };
    } catch (error) {
      return { kind: 'threw', error: toError(error) };
    }
  });
  return { outcomes, change: differenceOf(tree, standing), tree: standing };
}

function differenceOf(before: WorkflowTree, after: WorkflowTree): TreeChange {
  const known = new Map(before.steps.map((step) => [step.id, step]));
  const updates: StepRow[] = [];
  const inserts: StepRow[] = [];
  for (const step of after.steps) {
    const same = known.get(step.id);
    if (same === undefined) inserts.push(step);
    else if (same !== step) updates.push(step);
  }
  const workflow = changedFields(before.workflow, after.workflow);
  return { ...(workflow === undefined ? {} : { workflow }), updates, inserts };
}

function changedFields(
  before: WorkflowRow,
  after: WorkflowRow,
): Partial<Omit<WorkflowRow, 'id'>> | undefined {
  if (before === after) return undefined;
  const changed = Object.entries(after).filter(
    ([field, value]) => before[field as keyof WorkflowRow] !== value,
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}
