import { atEndOfTurn } from '#pkg/base';
import { changedTree, isFenceOpen, isNoChange } from '../rules/changed-tree.ts';
import { createGroupedTransact, type GroupMember } from '../rules/group-commit.ts';
import type { GroupOptions } from '../rules/groups.ts';
import type { StepStore } from '../step-store.ts';
import type { MysqlDatabase } from './database.ts';
import { createKnownTrees, type KnownTrees } from './known-trees.ts';
import { holdLeases } from './leases.ts';
import { createStepArchive } from './step-store-archive.ts';
import { createClaim } from './step-store-claim.ts';
import { commitTogether } from './step-store-group.ts';
import { createStepLists } from './step-store-lists.ts';
import { createPartCommits } from './step-store-parts.ts';
import { createSubmit } from './step-store-submit.ts';
import { isOnePacket, writeByGuess } from './step-store-update.ts';
import { lockPart } from './step-store-wide.ts';
import {
  commitChange,
  FIND_ARCHIVED,
  FIND_TREE,
  lockTree,
  select,
  toTree,
} from './step-store-write.ts';

/** Workflows in one transaction: what they wait for each other stays a few milliseconds. */
const GROUP_MAX = 64;

/**
 * Returns step rows in MySQL or MariaDB.
 *
 * A change that comes alone first tries one packet: it decides on the tree that this process saw last and writes
 * under that tree's revision, which is the whole way from step to step while nobody else touches the workflow.
 * What comes while another commit is on its way goes together with its neighbours (`step-store-group.ts`). Of a
 * workflow with many steps as little is read as the change needs (`step-store-wide.ts`).
 */
export function createMysqlStepStore(database: MysqlDatabase): StepStore {
  const trees = createKnownTrees();
  const options: GroupOptions = {
    clock: database.clock,
    // No time passes: what the answers of the last group lead to is there by then.
    soon: atEndOfTurn,
    membersMax: GROUP_MAX,
  };
  const commitPart = createPartCommits(
    database,
    (member) => commitAlone(database, trees, member),
    options,
  );
  const transact = createGroupedTransact(
    {
      isApart: (workflowId) => trees.isWide(workflowId),
      alone: async (member) => {
        const { workflowId, fence } = member;
        return fence?.effect !== undefined && trees.isWide(workflowId)
          ? commitPart({ ...member, stepId: fence.stepId })
          : commitAlone(database, trees, member);
      },
      together: (members) => {
        database.onGroup?.(members.length);
        return commitTogether(database, trees, members);
      },
    },
    options,
  );
  return {
    ...createStepLists(database),
    ...createStepArchive(database),
    submit: createSubmit(database, trees, options),
    transact,
    claim: createClaim({ database, trees, transact, commitPart }, options),
    releaseKey: (workflowId, dedupeKey) =>
      database.run(async (queries) => {
        await queries
          .updateTable('workflows')
          .set({ dedupe_key: null })
          .where('id', '=', workflowId)
          .where('dedupe_key', '=', dedupeKey)
          .execute();
      }),
    findTree: (workflowId) =>
      database.run(async (queries) => {
        const standing = await select(queries, FIND_TREE, [workflowId]);
        const rows =
          standing.length > 0 ? standing : await select(queries, FIND_ARCHIVED, [workflowId]);
        return toTree(rows)?.tree;
      }),
  };
}

async function commitAlone(
  database: MysqlDatabase,
  trees: KnownTrees,
  { workflowId, fence, lease, decide }: GroupMember,
) {
  const known = trees.take(workflowId);
  // A lease is asked for in the transaction itself, so one that needs it is never guessed.
  const isGuess = known !== undefined && lease === undefined;
  if (isGuess && (fence === undefined || isFenceOpen(known.tree, fence))) {
    const { change, value } = decide(known.tree);
    if (isOnePacket(change) && (await writeByGuess(database, known, change))) {
      trees.keep({ tree: changedTree(known.tree, change), revision: known.revision + 1 });
      return { kind: 'committed', value } as const;
    }
  }
  return database.transact(async (queries, commitWith) => {
    const part =
      fence !== undefined && trees.isWide(workflowId)
        ? await lockPart(queries, workflowId, fence)
        : undefined;
    const locked = part ?? (await lockTree(queries, workflowId));
    if (locked === undefined) return { kind: 'missing' } as const;
    if (fence !== undefined && !isFenceOpen(locked.tree, fence)) return { kind: 'fenced' } as const;
    if (lease !== undefined && !(await holdLeases(queries, [lease]))(lease)) {
      return { kind: 'fenced' } as const;
    }
    const { change, value } = decide(locked.tree);
    await commitChange(commitWith, locked, change);
    if (fence !== undefined && part === undefined && !trees.isWide(workflowId)) {
      const revision = locked.revision + (isNoChange(change) ? 0 : 1);
      trees.keep({ tree: changedTree(locked.tree, change), revision });
    }
    return { kind: 'committed', value } as const;
  });
}
