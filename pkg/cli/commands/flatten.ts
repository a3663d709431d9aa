import type { Account, AccountId, Position, WorkflowId } from '#pkg/domain';
import { setHold, type Hold } from '#pkg/holds';
import type { RuntimeRecord } from '#pkg/local';
import { readMode } from '#pkg/modes';
import { flattenAccount, flattenOptionsOf } from '#pkg/rescue';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import type { FlattenOptions } from '../verbs/rescue-verbs.ts';
import { confirmTyped } from './confirm-typed.ts';
import { describe, followFlattening, listOpen, type Following } from './follow-flattening.ts';
import { submitterOf } from './mode.ts';
import { requireAccounts } from './named-accounts.ts';
import { untilAnswered } from './until-answered.ts';
import { withLongReader } from './with-reader.ts';

const WAIT_MS_DEFAULT = 5 * 60_000;
const SHOWN_MAX = 40;

/** `kraite flatten ACCOUNT|all`: 1 when something is left, or the wait was over first. */
export function runFlatten(
  context: CliContext,
  named: string,
  options: FlattenOptions,
): Promise<number> {
  return withLongReader(context, options.state, async (reader, runtime) => {
    const { store } = reader;
    const accounts = await requireAccounts(store, named);
    const mode = await readMode(store.settings, context.clock.nowMs());
    if (mode.name === 'freeze') {
      writeLine(
        context.stderr,
        `nothing begins while the fleet is frozen, not even this: ${context.invokedAs} mode normal --force first`,
      );
      return EXIT_FAILED;
    }
    const open = await listOpen(reader, accounts);
    describePlan(context, { accounts, open });
    if (options.dryRun === true) return EXIT_OK;
    const question = `This sells or buys back all of it at market${isLive(runtime) ? ', with real money' : ''}.`;
    const isMeant = await confirmTyped(context, { question, word: named, given: options.confirm });
    if (!isMeant) {
      writeLine(context.stderr, `not flattened: add --confirm ${named} if that is what you mean`);
      return EXIT_FAILED;
    }
    return flatten(context, { reader, runtime, accounts, open, named, options });
  });
}

interface Flattening extends Omit<Following, 'workflows' | 'waitMs'> {
  readonly named: string;
  readonly options: FlattenOptions;
}

function isLive({ mode }: RuntimeRecord): boolean {
  return mode === 'live';
}

function describePlan(
  { stdout }: CliContext,
  { accounts, open }: { readonly accounts: readonly Account[]; readonly open: readonly Position[] },
): void {
  for (const account of accounts) {
    const own = open.filter(({ accountId }) => accountId === account.id);
    const { allowOtherPositions, allowOtherOrders } = account.settings;
    const others = [
      allowOtherPositions === false ? 'other positions go too' : "the user's own positions stay",
      allowOtherOrders === false ? 'other orders go too' : "the user's own orders stay",
    ];
    const what = `${own.length} positions, with all their orders`;
    writeLine(stdout, `${account.name}: ${[what, ...others].join('; ')}`);
    for (const position of own.slice(0, SHOWN_MAX)) {
      const { status, quantity } = position;
      writeLine(
        stdout,
        `  ${describe(position)}  ${quantity?.toString() ?? 'not filled yet'}  ${status}`,
      );
    }
    if (own.length > SHOWN_MAX) writeLine(stdout, `  and ${own.length - SHOWN_MAX} more`);
  }
}

async function flatten(context: CliContext, flattening: Flattening): Promise<number> {
  const { reader, accounts, named, options } = flattening;
  const { clock, stdout } = context;
  const nowMs = clock.nowMs();
  // Before anything is closed: nothing may open behind it, and nothing does until a person ends the hold.
  await untilAnswered(context, holdOpenings(context, flattening, nowMs));
  const resume = named === 'all' ? 'resume' : `resume --account ${named}`;
  writeLine(stdout, `nothing opens any more; ${context.invokedAs} ${resume} ends that`);
  const submit = submitterOf(context, reader);
  const workflows = new Map<AccountId, WorkflowId>();
  for (const account of accounts) {
    const args = { accountId: account.id, sinceMs: nowMs };
    const { workflowId } = await submit(flattenAccount, args, flattenOptionsOf(account.id));
    workflows.set(account.id, workflowId);
  }
  const waitMs = options.wait ?? WAIT_MS_DEFAULT;
  return followFlattening(context, { ...flattening, workflows, waitMs });
}

async function holdOpenings(
  { environment }: CliContext,
  { reader: { store }, accounts, named, options }: Flattening,
  nowMs: number,
): Promise<void> {
  const base = {
    source: 'flatten',
    owner: environment['USER'] ?? environment['LOGNAME'] ?? 'unknown',
    why: options.reason,
    sinceMs: nowMs,
  };
  // For all: the fleet, so that an account that is added meanwhile opens nothing either.
  const holds: readonly Hold[] =
    named === 'all'
      ? [{ ...base, scope: { kind: 'fleet' }, reason: 'FleetFlattened' }]
      : accounts.map(({ id: accountId }) => ({
          ...{ ...base, scope: { kind: 'account', accountId } as const },
          reason: 'AccountFlattened' as const,
        }));
  for (const hold of holds) await setHold(store.settings, hold, nowMs);
  for (const account of accounts) {
    await store.events.append({
      kind: 'FlattenStarted',
      atMs: nowMs,
      accountId: account.id,
      reason: named === 'all' ? 'FleetFlattened' : 'AccountFlattened',
      message: `Account ${account.name} is taken to flat by ${base.owner}: ${base.why}`,
    });
  }
}

/** Wrong use before anything is read. */
export function requireReason(reason: string | undefined): string {
  if (reason !== undefined && reason.trim() !== '') return reason;
  throw new UsageError('--reason: say why; it stands beside what it holds and among the events');
}
