import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { formatInstant, required } from '#pkg/base';
import type { Account, AccountId, WorkflowId } from '#pkg/domain';
import { endHold, setHold, type Hold } from '#pkg/holds';
import type { FleetReader, RuntimeRecord } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import { createBullmqQueues } from '#pkg/queues';
import {
  recoverAccount,
  recoverAccountStep,
  recoverOptionsOf,
  surveyAccount,
  surveyAccountStep,
  type Survey,
} from '#pkg/rescue';
import { actByHand } from '#pkg/steps';
import type { StepRow } from '#pkg/store';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import type { RecoverOptions } from '../verbs/rescue-verbs.ts';
import { submitterOf } from './mode.ts';
import { ALL, requireAccounts } from './named-accounts.ts';
import { findStatePaths } from './state.ts';
import { untilAnswered } from './until-answered.ts';
import { keepGoing } from './without-dispatcher.ts';
import { withLongReader } from './with-reader.ts';

const LOOK_MS = 500;
const SAY_MS = 5_000;
const WAIT_MS_DEFAULT = 4 * 60_000;
/** The hold ends by itself, if this command is killed before it ends it. */
const HOLD_MS = 15 * 60_000;
/** One fleet has its private Redis, so all fleets use the same first part of keys. */
const NAMESPACE = 'kraite';

interface Recovery {
  readonly reader: FleetReader;
  readonly runtime: RuntimeRecord;
  readonly accounts: readonly Account[];
  readonly options: RecoverOptions;
}

/** `kraite recover [ACCOUNT|all]`: 1 when something still differs, or nobody answered in time. */
export function runRecover(
  context: CliContext,
  named: string,
  options: RecoverOptions,
): Promise<number> {
  return withLongReader(context, options.state, async (reader, runtime) => {
    const accounts = await requireAccounts(reader.store, named);
    const recovery = { reader, runtime, accounts, options };
    const isAdopting = options.override.includes('adopt');
    if (isAdopting && named === ALL && accounts.length > 1) {
      throw new UsageError('--override adopt takes one account: name it');
    }
    const surveys = await survey(context, recovery, isAdopting);
    if (surveys === undefined) return EXIT_FAILED;
    print(context, recovery, surveys);
    const isStopping = options.override.includes('running');
    const differing = accounts.filter(({ id }) =>
      surveys.get(id)?.findings.some(({ remedy }) => isStopping || remedy !== 'wait'),
    );
    if (options.dryRun === true || differing.length === 0) return EXIT_OK;
    return mend(context, { ...recovery, accounts: differing }, { surveys, isAdopting });
  });
}

/** Asks each account's books of a worker; undefined when not all have answered in time. */
async function survey(
  context: CliContext,
  recovery: Recovery,
  isAdopting: boolean,
): Promise<ReadonlyMap<AccountId, Survey> | undefined> {
  const submit = submitterOf(context, recovery.reader);
  const workflows = new Map<AccountId, WorkflowId>();
  for (const { id: accountId } of recovery.accounts) {
    const options = { dedupeKey: `survey:${accountId}:${isAdopting}`, accountId, isUrgent: true };
    const { workflowId } = await submit(surveyAccount, { accountId, isAdopting }, options);
    workflows.set(accountId, workflowId);
  }
  return follow(context, recovery, { workflows, step: surveyAccountStep.name });
}

interface Surveyed {
  readonly surveys: ReadonlyMap<AccountId, Survey>;
  readonly isAdopting: boolean;
}

async function mend(
  context: CliContext,
  recovery: Recovery,
  { surveys, isAdopting }: Surveyed,
): Promise<number> {
  const { clock, stdout } = context;
  const { reader, accounts } = recovery;
  const nowMs = clock.nowMs();
  const holds = accounts.map((account) => holdOf(context, account, nowMs));
  for (const hold of holds) await setHold(reader.store.settings, hold, nowMs);
  try {
    for (const account of accounts) {
      const file = await saveSnapshot(context, recovery, account, surveys.get(account.id));
      writeLine(stdout, `${account.name}: its rows as they are stand in ${file}`);
    }
    if (recovery.options.override.includes('running'))
      await stopRunning(context, recovery, surveys);
    const submit = submitterOf(context, reader);
    const workflows = new Map<AccountId, WorkflowId>();
    for (const { id: accountId } of accounts) {
      const args = { accountId, isAdopting, sinceMs: nowMs };
      const { workflowId } = await submit(recoverAccount, args, recoverOptionsOf(accountId));
      workflows.set(accountId, workflowId);
    }
    const results = await follow(context, recovery, { workflows, step: recoverAccountStep.name });
    return results === undefined ? EXIT_FAILED : await tellEnd(context, recovery, results);
  } finally {
    for (const hold of holds) await endHold(reader.store.settings, hold, clock.nowMs());
  }
}

function holdOf({ environment }: CliContext, account: Account, nowMs: number): Hold {
  return {
    scope: { kind: 'account', accountId: account.id },
    source: 'recover',
    owner: environment['USER'] ?? environment['LOGNAME'] ?? 'unknown',
    reason: 'AccountRecovering',
    why: 'its rows are compared with the venue and mended',
    sinceMs: nowMs,
    untilMs: nowMs + HOLD_MS,
  };
}

/** Writes every open and failed position with its orders, and what differs, where a person can read it. */
async function saveSnapshot(
  context: CliContext,
  { reader: { store }, options }: Recovery,
  { id: accountId, name, settings }: Account,
  differs: Survey | undefined,
): Promise<string> {
  const open = await store.positions.listOpen({ accountId });
  const failed = (await store.positions.list({ limit: 500, accountId })).filter(
    ({ status }) => status === 'failed',
  );
  const positions = await Promise.all(
    [...open, ...failed].map(async (position) => ({
      ...position,
      orders: await store.orders.listByPosition(position.id),
    })),
  );
  const at = formatInstant(context.clock.nowMs());
  const folder = join(findStatePaths(context, options.state).root, 'recoveries');
  const file = join(folder, `${at.replaceAll(/[:.]/gu, '-')}-${name}.json`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ account: name, at, settings, differs, positions }, undefined, 2);
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

/** Cancels what has not begun of the workflows that work on what differs, so that it can be mended without them. */
async function stopRunning(
  context: CliContext,
  { reader: { store }, runtime }: Recovery,
  surveys: ReadonlyMap<AccountId, Survey>,
): Promise<void> {
  const { clock, stdout, environment } = context;
  const logger = createSilentLogger();
  const name = 'kraite-recover';
  const queues = createBullmqQueues({ url: runtime.redisUrl, namespace: NAMESPACE, name, logger });
  const who = environment['USER'] ?? environment['LOGNAME'] ?? 'unknown';
  try {
    const ids = [...surveys.values()].flatMap(({ findings }) =>
      findings.flatMap(({ remedy, workflowId }) => (remedy === 'wait' ? (workflowId ?? []) : [])),
    );
    for (const workflowId of new Set(ids)) {
      const done = await actByHand(
        { steps: store.steps, events: store.events, queues, clock, logger },
        'cancel',
        { workflowId: workflowId as WorkflowId },
        { who, why: 'kraite recover --override running' },
      );
      const what =
        done.kind === 'done' ? `${done.workflow} is canceled` : `not canceled: ${done.problem}`;
      writeLine(stdout, `${workflowId}: ${what}`);
    }
  } finally {
    void Promise.allSettled([queues[Symbol.asyncDispose]()]);
  }
}

async function follow(
  context: CliContext,
  recovery: Recovery,
  asked: { readonly workflows: ReadonlyMap<AccountId, WorkflowId>; readonly step: string },
): Promise<ReadonlyMap<AccountId, Survey> | undefined> {
  const { clock, interrupt, stderr } = context;
  const untilMs = clock.monotonicMs() + (recovery.options.wait ?? WAIT_MS_DEFAULT);
  let saidAtMs = clock.monotonicMs();
  let steps: Awaited<ReturnType<typeof readSteps>> = new Map();
  for (;;) {
    let problem: string | undefined;
    try {
      steps = await untilAnswered(context, readSteps(recovery, asked));
      problem = await untilAnswered(context, keepGoing(context, recovery));
    } catch (error) {
      // The rows are away or slow: what was asked for stands in them.
      if (interrupt.requested.aborted) throw error;
      problem = error instanceof Error ? error.message : String(error);
    }
    const failed = [...steps.values()].find((step) => step?.state === 'failed');
    if (failed !== undefined) {
      writeLine(
        stderr,
        `${asked.step} failed: ${failed.error ?? failed.reason ?? 'for no reason'}`,
      );
      return undefined;
    }
    if (steps.size > 0 && [...steps.values()].every((step) => step?.state === 'completed')) {
      return new Map(
        [...steps].map(([accountId, step]) => [
          accountId,
          JSON.parse(required(step?.response, 'A completed step has its answer.')) as Survey,
        ]),
      );
    }
    const isOver = clock.monotonicMs() >= untilMs || interrupt.requested.aborted;
    if (isOver || clock.monotonicMs() - saidAtMs >= SAY_MS) {
      saidAtMs = clock.monotonicMs();
      const reasons = [...steps.values()].map((step) => step?.reason ?? step?.state ?? 'submitted');
      writeLine(stderr, `waits: ${problem ?? [...new Set(reasons)].join(', ')}`);
    }
    if (isOver) {
      writeLine(
        stderr,
        `no answer in time; ${asked.step} goes on, and the same command follows it`,
      );
      return undefined;
    }
    await clock.sleep(LOOK_MS, interrupt.requested);
  }
}

async function readSteps(
  { reader: { store } }: Recovery,
  {
    workflows,
    step,
  }: { readonly workflows: ReadonlyMap<AccountId, WorkflowId>; readonly step: string },
): Promise<ReadonlyMap<AccountId, StepRow | undefined>> {
  const rows = new Map<AccountId, StepRow | undefined>();
  for (const [accountId, workflowId] of workflows) {
    const tree = await store.steps.findTree(workflowId);
    rows.set(
      accountId,
      tree?.steps.find(({ name }) => name === step),
    );
  }
  return rows;
}

function print(
  { stdout }: CliContext,
  { accounts, options }: Recovery,
  surveys: ReadonlyMap<AccountId, Survey>,
): void {
  const objects = accounts.map(({ id, name }) => ({ account: name, ...surveys.get(id) }));
  const text = (): string =>
    accounts
      .flatMap(({ id, name }) =>
        linesOf(name, required(surveys.get(id), 'Every account was surveyed.')),
      )
      .join('\n');
  writeLine(stdout, formatObject(objects, options.output, text));
}

function linesOf(name: string, { findings, kept }: Survey): readonly string[] {
  return [
    describeCount(name, findings),
    ...findings.map(({ what, deed }) => `  ${what}: ${deed}`),
    ...kept.map(({ what, why }) => `  kept ${what}: ${why}`),
  ];
}

function describeCount(name: string, findings: Survey['findings']): string {
  const count = findings.filter(({ remedy }) => remedy !== 'wait').length;
  if (count === 0) return `${name}: the rows and the venue say the same`;
  return `${name}: ${count} ${count === 1 ? 'difference' : 'differences'}`;
}

async function tellEnd(
  { stdout, stderr, clock }: CliContext,
  { reader: { store }, accounts }: Recovery,
  results: ReadonlyMap<AccountId, Survey>,
): Promise<number> {
  let isMended = true;
  for (const { id: accountId, name } of accounts) {
    const findings = results.get(accountId)?.findings ?? [];
    const left = findings.filter(({ remedy }) => remedy !== 'wait');
    const message =
      left.length === 0
        ? `${name}: recovered; the rows and the venue say the same`
        : `${name}: ${left.length} differences are left`;
    await store.events.append({
      kind: 'AccountRecovered',
      atMs: clock.nowMs(),
      accountId,
      message,
    });
    writeLine(left.length === 0 ? stdout : stderr, message);
    for (const { what } of left) writeLine(stderr, `  LEFT ${what}`);
    if (left.length > 0) isMended = false;
  }
  return isMended ? EXIT_OK : EXIT_FAILED;
}
