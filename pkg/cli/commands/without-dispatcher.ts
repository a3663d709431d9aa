import type { Account } from '#pkg/domain';
import type { FleetReader, RuntimeRecord } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import { createBullmqQueues } from '#pkg/queues';
import { beginByHand } from '#pkg/steps';
import type { CliContext } from '../context.ts';

/** One fleet has its private Redis, so all fleets use the same first part of keys. */
const NAMESPACE = 'kraite';
const SUBMITTED_MAX = 500;

/** Lets what protects or closes in these accounts begin, while no dispatcher admits it. Workers go on by themselves. */
export async function beginWithoutDispatcher(
  { clock }: Pick<CliContext, 'clock'>,
  {
    reader: { store },
    runtime,
    accounts,
  }: {
    readonly reader: Pick<FleetReader, 'store'>;
    readonly runtime: Pick<RuntimeRecord, 'redisUrl'>;
    readonly accounts: readonly Account[];
  },
): Promise<number> {
  const ids = new Set(accounts.map((account) => account.id));
  const submitted = await store.steps.listWorkflows({ state: 'submitted', limit: SUBMITTED_MAX });
  const waiting = submitted.filter(
    ({ isProtective, accountId }) => isProtective && accountId !== undefined && ids.has(accountId),
  );
  if (waiting.length === 0) return 0;
  const logger = createSilentLogger();
  const name = 'kraite-without-dispatcher';
  const queues = createBullmqQueues({ url: runtime.redisUrl, namespace: NAMESPACE, name, logger });
  try {
    for (const { id } of waiting) {
      await beginByHand({ steps: store.steps, queues, clock, logger }, id);
    }
    return waiting.length;
  } finally {
    void Promise.allSettled([queues[Symbol.asyncDispose]()]);
  }
}
