import { findNearest, type Reason } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import {
  describeHold,
  describeScope,
  endHold,
  listHolds,
  setHold,
  type Hold,
  type HoldScope,
} from '#pkg/holds';
import type { Store } from '#pkg/store';
import { EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import { personOf } from '../person.ts';
import type { PauseOptions, ResumeOptions } from '../verbs/engine-verbs.ts';
import { withReader } from './with-reader.ts';

/** The source of what people hold; guards and modes have their own. */
const SOURCE = 'person';
/** What else a person set, and ends: a flattened account opens nothing until then. */
const BY_PEOPLE: ReadonlySet<string> = new Set([SOURCE, 'flatten', 'recover']);

const REASONS: Readonly<Record<HoldScope['kind'], Reason>> = {
  fleet: 'FleetPaused',
  lane: 'LanePaused',
  account: 'AccountPaused',
};

/** `kraite pause`: nothing new of the scope is admitted or opened until it ends; recorded with who, why and until when. */
export function runPause(context: CliContext, options: PauseOptions): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const nowMs = context.clock.nowMs();
    const { scope, nameOf } = await readScope(store, options);
    const hold: Hold = {
      scope,
      source: SOURCE,
      owner: personOf(context),
      reason: REASONS[scope.kind],
      why: options.reason,
      sinceMs: nowMs,
      ...(options.for === undefined ? {} : { untilMs: nowMs + options.for }),
    };
    await setHold(store.settings, hold, nowMs);
    const message = `paused: ${describeHold(hold, nameOf)}`;
    await record(store, { kind: 'FleetPaused', message, nowMs }, hold);
    writeLine(context.stdout, message);
    return EXIT_OK;
  });
}

/** `kraite resume`: ends the pause of the scope, and says which one; other holds that stand are named. */
export function runResume(context: CliContext, options: ResumeOptions): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const nowMs = context.clock.nowMs();
    const { scope, nameOf } = await readScope(store, options);
    const what = describeScope(scope, nameOf);
    const holds = await listHolds(store.settings, nowMs);
    const ending = holds.filter((hold) => BY_PEOPLE.has(hold.source) && isSame(hold.scope, scope));
    if (ending.length === 0) writeLine(context.stdout, `${what} is not paused by a person`);
    for (const ended of ending) {
      await endHold(store.settings, ended, nowMs);
      const message = `resumed by ${personOf(context)}; it was paused: ${describeHold(ended, nameOf)}`;
      await record(store, { kind: 'FleetResumed', message, nowMs }, ended);
      writeLine(context.stdout, message);
    }
    for (const hold of holds.filter((other) => !ending.includes(other))) {
      writeLine(context.stdout, `still held: ${describeHold(hold, nameOf)} (${hold.reason})`);
    }
    return EXIT_OK;
  });
}

async function readScope(
  store: Store,
  { lane, account }: Pick<ResumeOptions, 'lane' | 'account'>,
): Promise<{ readonly scope: HoldScope; readonly nameOf: (accountId: AccountId) => string }> {
  const accounts = await store.accounts.list();
  const nameOf = (accountId: AccountId): string =>
    accounts.find(({ id }) => id === accountId)?.name ?? accountId;
  if (lane !== undefined) return { scope: { kind: 'lane', lane }, nameOf };
  if (account === undefined) return { scope: { kind: 'fleet' }, nameOf };
  const found = accounts.find(({ id, name }) => account === name || account === id);
  if (found !== undefined) return { scope: { kind: 'account', accountId: found.id }, nameOf };
  const names = accounts.map(({ name }) => name);
  const close = findNearest(account, names);
  const hint = close === undefined ? `accounts: ${names.join(', ')}` : `did you mean ${close}?`;
  throw new UsageError(`--account: no account is called ${account} (${hint})`);
}

function isSame(a: HoldScope, b: HoldScope): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function record(
  store: Store,
  event: { readonly kind: string; readonly message: string; readonly nowMs: number },
  { scope, reason }: Hold,
): Promise<void> {
  const { kind, message, nowMs: atMs } = event;
  const account = scope.kind === 'account' ? { accountId: scope.accountId } : {};
  await store.events.append({ kind, message, atMs, reason, ...account });
}
