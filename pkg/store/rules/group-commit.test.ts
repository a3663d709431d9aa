import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type WorkflowId } from '#pkg/domain';
import { StoreConflictError, StoreUnavailableError } from '../errors.ts';
import { createGroupedTransact, type GroupedWays, type GroupOutcome } from './group-commit.ts';

const done: GroupOutcome = { kind: 'committed', value: undefined };

/** A server that answers when told to; `asked` lists what went on its way, one entry for each commit. */
function setUp(together: GroupedWays['together'] = (all) => Promise.resolve(all.map(() => done))) {
  const clock = createManualClock();
  const asked: string[] = [];
  const held: (() => void)[] = [];
  let isHeld = true;
  const answer = async (): Promise<void> => {
    if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
  };
  const transact = createGroupedTransact(
    {
      alone: async ({ workflowId }) => {
        asked.push(workflowId);
        await answer();
        return { kind: 'committed', value: undefined };
      },
      together: async (members) => {
        asked.push(members.map(({ workflowId }) => workflowId).join('+'));
        await answer();
        return together(members);
      },
    },
    { clock, soon: queueMicrotask, membersMax: 3 },
  );
  const change = (name: string) =>
    transact(id<WorkflowId>(name), {}, () => ({ change: {}, value: undefined }));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const release = async (): Promise<void> => {
    for (const resolve of held.splice(0)) resolve();
    await settle();
  };
  const open = (): void => {
    isHeld = false;
  };
  return { clock, asked, change, settle, release, open };
}

test('one goes alone and at once; what comes meanwhile goes together, so many at the most', async () => {
  const { asked, change, settle, release } = setUp();
  void change('a');
  await settle();
  for (const name of ['b', 'c', 'd', 'e']) void change(name);
  await settle();
  expect(asked).toEqual(['a']);
  await release();
  expect(asked).toEqual(['a', 'b+c+d']);
  await release();
  expect(asked).toEqual(['a', 'b+c+d', 'e']);
});

test('one that hangs holds back what is behind it for a moment only', async () => {
  const { clock, asked, change, settle } = setUp();
  void change('a');
  await settle();
  void change('b');
  clock.advance(19);
  await settle();
  expect(asked).toEqual(['a']);
  clock.advance(1);
  await settle();
  expect(asked).toEqual(['a', 'b']);
});

test('a member whose row is locked goes alone, and the others are done', async () => {
  const { asked, change, open } = setUp((all) =>
    Promise.resolve(all.map((_, at) => (at === 1 ? { kind: 'apart' } : done))),
  );
  open();
  await Promise.all(['a', 'b', 'c'].map(change));
  expect(asked).toEqual(['a+b+c', 'b']);
});

for (const [name, error] of [
  ['contention', new StoreUnavailableError({ fields: { problem: 'Contended' } })],
  ['what one of its members writes', new StoreConflictError({})],
] as const) {
  test(`a group that is rolled back for ${name} is taken apart`, async () => {
    const { asked, change, open } = setUp(() => Promise.reject(error));
    open();
    await Promise.all(['a', 'b'].map(change));
    expect(asked).toEqual(['a+b', 'a', 'b']);
  });
}

test('a lost reply is one for every member, and nothing is tried again here', async () => {
  const { asked, change, open } = setUp(() => Promise.reject(new StoreUnavailableError({})));
  open();
  const ends = await Promise.allSettled(['a', 'b'].map(change));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(asked).toEqual(['a+b']);
});
