import type { Account } from '#pkg/domain';
import type { FleetReader, RuntimeRecord } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import { createBullmqQueues } from '#pkg/queues';
import { beginByHand, readEngineWaits } from '#pkg/steps';
import type { CliContext } from '../context.ts';

/** One fleet has its private Redis, so all fleets use the same first part of keys. */
const NAMESPACE = 'kraite';
const SUBMITTED_MAX = 500;

interface Rescued {
  readonly reader: Pick<FleetReader, 'store'>;
  readonly runtime: Pick<RuntimeRecord, 'redisUrl'>;
  readonly accounts: readonly Account[];
}

/** Lets what was asked for begin where no dispatcher is there to do it; returns what keeps it from going on, in words. */
export async function keepGoing(
  context: Pick<CliContext, 'clock'>,
  rescued: Rescued,
): Promise<string | undefined> {
  const { waits } = await readEngineWaits(rescued.reader.store);
  if (waits.some(({ reason }) => reason === 'DispatcherAway')) {
    await beginWithoutDispatcher(context, rescued);
  }
  return waits.some(({ reason, lane }) => reason === 'LaneUnserved' && lane === 'priority')
    ? 'no trading box serves the lane priority, so nobody may sign; the stops stand at the venue'
    : undefined;
}

/** Lets what protects or closes in these accounts begin, while no dispatcher admits it. Workers go on by themselves. */
async function beginWithoutDispatcher(
  { clock }: Pick<CliContext, 'clock'>,
  { reader: { store }, runtime, accounts }: Rescued,
): Promise<void> {
  const ids = new Set(accounts.map((account) => account.id));
  const submitted = await store.steps.listWorkflows({ state: 'submitted', limit: SUBMITTED_MAX });
  const waiting = submitted.filter(
    ({ isProtective, accountId }) => isProtective && accountId !== undefined && ids.has(accountId),
  );
  if (waiting.length === 0) return;
  const logger = createSilentLogger();
  const name = 'kraite-without-dispatcher';
  const queues = createBullmqQueues({ url: runtime.redisUrl, namespace: NAMESPACE, name, logger });
  try {
    for (const { id } of waiting) {
      await beginByHand({ steps: store.steps, queues, clock, logger }, id);
    }
  } finally {
    void Promise.allSettled([queues[Symbol.asyncDispose]()]);
  }
}
