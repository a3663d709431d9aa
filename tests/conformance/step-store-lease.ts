/** What a `StepStore` and the events do for whoever writes under a lease: without it, nothing. */
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { defineStep, planStep } from '#pkg/steps';
import type { LeaseFence, StepRow, Store } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import { newWorkflow } from '../harness/step-rows.ts';

const note = defineStep({
  name: 'note',
  lane: 'positions',
  arguments: Type.Object({}),
  response: Type.Null(),
});

export function stepStoreLeaseConformance(name: string, start: () => Promise<Store>): void {
  describe(`step store conformance, leases: ${name}`, () => {
    let store: Store;
    let leases = 0;
    beforeAll(async () => {
      store = await start();
    });
    afterAll(async () => store[Symbol.asyncDispose]());

    const submitted = async (): Promise<StepRow> => {
      const workflow = newWorkflow([planStep(note, {}, { index: 1 })]);
      await store.steps.submit(workflow);
      const [step] = workflow.steps;
      if (step === undefined) throw new Error('no step');
      return step;
    };
    const held = async (ttlMs = 60_000): Promise<LeaseFence> => {
      leases += 1;
      const name = `under-${leases}`;
      const lease = await store.leases.acquire(name, 'first', ttlMs);
      if (lease === undefined) throw new Error('nobody else asks for it');
      return { name, holder: 'first', epoch: lease.epoch };
    };
    const taken = async (lease: LeaseFence): Promise<LeaseFence> => {
      await store.leases.release(lease.name, lease.holder);
      const next = await store.leases.acquire(lease.name, 'second', 60_000);
      return { name: lease.name, holder: 'second', epoch: next?.epoch ?? 0 };
    };
    const defer = (step: StepRow, lease: LeaseFence) =>
      store.steps.transact(step.workflowId, { lease }, (tree) => ({
        change: { updates: [{ id: step.id, deferrals: (tree.steps[0]?.deferrals ?? 0) + 1 }] },
        value: undefined,
      }));
    const deferrals = async (step: StepRow) =>
      (await store.steps.findTree(step.workflowId))?.steps[0]?.deferrals;

    test('a holder changes rows, and nothing any more once the lease is another one’s or has expired', async () => {
      const step = await submitted();
      const first = await held();
      expect((await defer(step, first)).kind).toBe('committed');
      expect((await defer(step, { ...first, epoch: first.epoch + 1 })).kind).toBe('fenced');
      expect((await defer(step, { ...first, holder: 'thief' })).kind).toBe('fenced');
      const second = await taken(first);
      expect((await defer(step, first)).kind).toBe('fenced');
      expect((await defer(step, second)).kind).toBe('committed');
      const short = await held(150);
      await eventually(async () =>
        expect((await store.leases.find(short.name))?.remainingMs).toBeLessThanOrEqual(0),
      );
      expect((await defer(step, short)).kind).toBe('fenced');
      expect(await deferrals(step)).toBe(2);
    });

    test('of changes that are committed together, only those of the holder are made', async () => {
      const rows = [await submitted(), await submitted(), await submitted()];
      const old = await held();
      const young = await taken(old);
      const kinds = await Promise.all(
        rows.flatMap((step) => [defer(step, old), defer(step, young), defer(step, old)]),
      );
      expect(kinds.map(({ kind }) => kind)).toEqual(
        rows.flatMap(() => ['fenced', 'committed', 'fenced']),
      );
      expect(await Promise.all(rows.map(deferrals))).toEqual([1, 1, 1]);
    });

    test('who lost it archives, purges and prunes nothing', async () => {
      const step = await submitted();
      await store.steps.transact(step.workflowId, {}, () => ({
        change: { workflow: { state: 'completed', finishedAtMs: 500 } },
        value: undefined,
      }));
      await store.events.append({ kind: 'Old', atMs: 1, message: 'old' });
      const old = await held();
      const young = await taken(old);
      const ended = { endedBeforeMs: 501, limit: 9 };
      const events = { beforeMs: 2, limit: 9 };
      expect(await store.steps.archive({ ...ended, lease: old })).toBe(0);
      expect(await store.events.prune({ ...events, lease: old })).toBe(0);
      expect(await store.steps.archive({ ...ended, lease: young })).toBe(1);
      expect(await store.steps.purge({ ...ended, lease: old })).toBe(0);
      expect(await store.steps.purge({ ...ended, lease: young })).toBe(1);
      expect(await store.events.prune({ ...events, lease: young })).toBe(1);
    });
  });
}
