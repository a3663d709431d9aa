import { required } from '#pkg/base';
import { id, type Account, type AccountId, type Position, type WorkflowId } from '#pkg/domain';
import type { FleetReader, RuntimeRecord } from '#pkg/local';
import { flattenAccountStep, type Flattened } from '#pkg/rescue';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { untilAnswered } from './until-answered.ts';
import { keepGoing } from './without-dispatcher.ts';

const LOOK_MS = 500;
const SAY_MS = 5_000;
const WAITING_READ = 200;

/** What is taken to flat, and by which workflows. */
export interface Following {
  readonly reader: FleetReader;
  readonly runtime: RuntimeRecord;
  readonly accounts: readonly Account[];
  /** What held a slot when it began. */
  readonly open: readonly Position[];
  readonly workflows: ReadonlyMap<AccountId, WorkflowId>;
  readonly waitMs: number;
}

/** Returns what holds a slot of these accounts. */
export async function listOpen(
  { store }: FleetReader,
  accounts: readonly Account[],
): Promise<readonly Position[]> {
  const ids = new Set(accounts.map((account) => account.id));
  return (await store.positions.listOpen()).filter(({ accountId }) => ids.has(accountId));
}

/** Says what happens to each position until every account is through: 1 when something is left, or the wait is over first. */
export async function followFlattening(context: CliContext, following: Following): Promise<number> {
  const { clock, interrupt, stderr } = context;
  const untilMs = clock.monotonicMs() + following.waitMs;
  const said = new Map<string, string>(following.open.map((each) => [each.id, each.status]));
  let saidAtMs = clock.monotonicMs();
  for (;;) {
    let problem: string | undefined;
    try {
      await untilAnswered(context, sayChanges(context, following, said));
      const results = await untilAnswered(context, readResults(following));
      if (results !== undefined)
        return await untilAnswered(context, sum(context, following, results));
      problem = await untilAnswered(context, keepGoing(context, following));
    } catch (error) {
      // The rows are away: what was asked for stands in them, and the stops stand at the venue.
      if (interrupt.requested.aborted) throw error;
      problem = `the rows do not answer (${error instanceof Error ? error.message : String(error)})`;
    }
    const isOver = clock.monotonicMs() >= untilMs || interrupt.requested.aborted;
    if (isOver || clock.monotonicMs() - saidAtMs >= SAY_MS) {
      saidAtMs = clock.monotonicMs();
      await untilAnswered(context, sayWaiting(context, following, problem)).catch(() =>
        writeLine(stderr, `waits: ${problem ?? 'the rows do not answer'}`),
      );
    }
    if (isOver) {
      writeLine(
        stderr,
        'not everything is flat yet; it goes on without this command, and the same command follows it again',
      );
      return EXIT_FAILED;
    }
    await clock.sleep(LOOK_MS, interrupt.requested);
  }
}

/** Says each change of a position's status once. */
async function sayChanges(
  { stdout }: CliContext,
  { reader, accounts, open }: Following,
  said: Map<string, string>,
): Promise<void> {
  const { store } = reader;
  const now = await listOpen(reader, accounts);
  const known = new Map([...open, ...now].map((position) => [position.id, position]));
  for (const positionId of [...known.keys(), ...said.keys()].map((each) =>
    id<Position['id']>(each),
  )) {
    const before = said.get(positionId);
    if (before === 'closed' || before === 'canceled' || before === 'failed') continue;
    const standing = now.find((other) => other.id === positionId);
    const position = standing ?? (await store.positions.find(positionId));
    if (position === undefined || position.status === before) continue;
    said.set(positionId, position.status);
    const { realizedPnl, status } = position;
    const result =
      status === 'closed' && realizedPnl !== undefined
        ? `  ${signed(realizedPnl.toFixed(2))} USDT`
        : '';
    writeLine(stdout, `${describe(position)}  ${status}${result}`);
  }
}

/** What every account came to, once all have; undefined while one is not through. */
async function readResults({
  reader: { store },
  accounts,
  workflows,
}: Following): Promise<ReadonlyMap<AccountId, Flattened> | undefined> {
  const results = new Map<AccountId, Flattened>();
  for (const { id: accountId } of accounts) {
    const workflowId = required(workflows.get(accountId), 'One was submitted for each account.');
    const tree = await store.steps.findTree(workflowId);
    const step = tree?.steps.find(({ name }) => name === flattenAccountStep.name);
    if (step?.state === 'completed') {
      results.set(accountId, JSON.parse(required(step.response, 'It completed.')) as Flattened);
    } else if (step?.state === 'failed' || step?.state === 'canceled') {
      const why = step.error ?? step.reason ?? step.state;
      results.set(accountId, { kept: [], left: [{ what: 'the account', why }] });
    } else return undefined;
  }
  return results;
}

async function sayWaiting(
  { stdout }: CliContext,
  { reader, accounts }: Following,
  problem: string | undefined,
): Promise<void> {
  const open = await listOpen(reader, accounts);
  const running = await reader.store.steps.listSteps({ state: 'delayed', limit: WAITING_READ });
  const reasons = new Set(
    running
      .filter(({ reason, name }) => reason !== undefined && name !== flattenAccountStep.name)
      .filter(({ lane }) => lane === 'priority')
      .map(({ name, reason }) => `${name}: ${reason ?? ''}`),
  );
  const because = [...(problem === undefined ? [] : [problem]), ...reasons].slice(0, 3).join('; ');
  writeLine(
    stdout,
    `${open.length} of ${accounts.length === 1 ? 'the account' : `${accounts.length} accounts`} still open${because === '' ? '' : `  (${because})`}`,
  );
}

async function sum(
  { stdout, stderr }: CliContext,
  { reader: { store }, accounts, open }: Following,
  results: ReadonlyMap<AccountId, Flattened>,
): Promise<number> {
  let isFlat = true;
  for (const account of accounts) {
    const { kept, left } = required(results.get(account.id), 'Every account has a result.');
    const own = open.filter(({ accountId }) => accountId === account.id);
    const ended = await Promise.all(own.map((position) => store.positions.find(position.id)));
    const profit = ended.reduce(
      (total, position) => total + Number(position?.realizedPnl?.toString() ?? 0),
      0,
    );
    for (const { what, why } of kept) writeLine(stdout, `${account.name}: kept ${what}: ${why}`);
    for (const { what, why } of left) writeLine(stderr, `${account.name}: LEFT ${what}: ${why}`);
    if (left.length > 0) isFlat = false;
    else {
      writeLine(
        stdout,
        `${account.name}: flat; ${own.length} positions ended, ${signed(profit.toFixed(2))} USDT after fees`,
      );
    }
  }
  return isFlat ? EXIT_OK : EXIT_FAILED;
}

function signed(amount: string): string {
  return amount.startsWith('-') ? amount : `+${amount}`;
}

/** Returns `Long BTCUSDT`. */
export function describe({ direction, symbol }: Position): string {
  return `${direction === 'long' ? 'Long' : 'Short'} ${symbol}`;
}
