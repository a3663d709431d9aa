import type { AccountId } from '#pkg/domain';
import { compareOptionsOf, deferUntil, DONE, readComparedAt, syncAccount } from '#pkg/lifecycles';
import { readMode, setMode } from '#pkg/modes';
import { implementStep, type StepContext, type StepHandler } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { compareBooks, endWarmUp, WARM_UP_OPTIONS, warmUp, watchMode } from '../definitions.ts';
import type { GuardDependencies } from '../dependencies.ts';

const LOOK_MS = 500;

/** Returns the code that ends a mode in order: books first, openings last. */
export function createWarmUpHandlers(dependencies: GuardDependencies): StepHandler[] {
  const { store, clock, events } = dependencies;
  return [
    implementStep(compareBooks, async (context) => {
      const askedAtMs = clock.nowMs();
      for (const accountId of await listTrading(store)) await compare(context, accountId);
      return { kind: 'completed', response: { askedAtMs } };
    }),
    implementStep(endWarmUp, async (context) => {
      const before = await readMode(store.settings, clock.nowMs());
      // Set anew meanwhile, after another mode: then only books as of that count.
      const askedAtMs = Math.max(
        context.responseOf(compareBooks)?.askedAtMs ?? 0,
        before.name === 'warm-up' ? before.sinceMs : 0,
      );
      let missing = 0;
      for (const accountId of await listTrading(store)) {
        if ((await readComparedAt(store.settings, accountId)) >= askedAtMs) continue;
        missing += 1;
        // One that ran when this began had looked before: ask again, at most once at a time.
        await compare(context, accountId);
      }
      const nowMs = clock.nowMs();
      if (missing > 0) return deferUntil(nowMs + LOOK_MS, 'BooksNotReconciled');
      const mode = await readMode(store.settings, nowMs);
      if (mode.name !== 'warm-up') return DONE;
      const why = 'the books were compared with the venue';
      await setMode(store.settings, { name: 'normal', by: 'kraite', why, sinceMs: nowMs });
      await events.record({ kind: 'ModeChanged', message: `Mode normal by kraite: ${why}.` });
      return DONE;
    }),
    implementStep(watchMode, async (context) => {
      const mode = await readMode(store.settings, clock.nowMs());
      if (mode.name === 'warm-up') await context.submit(warmUp, undefined, WARM_UP_OPTIONS);
      return DONE;
    }),
  ];
}

/** Accounts that are switched off open nothing, and may have no valid keys. */
async function listTrading(store: Store): Promise<readonly AccountId[]> {
  const accounts = await store.accounts.list();
  return accounts.filter(({ isTradingOn }) => isTradingOn).map((account) => account.id);
}

async function compare(context: StepContext, accountId: AccountId): Promise<void> {
  await context.submit(syncAccount, { accountId }, compareOptionsOf(accountId));
}
