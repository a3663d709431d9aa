import { findNearest } from '#pkg/base';
import type { Account } from '#pkg/domain';
import { runKeyChecks, type KeyCell, type SigningBox } from '#pkg/key-checks';
import { callSupervisor, type FleetReader, type FleetStatus, type RuntimeRecord } from '#pkg/local';
import type { SubmitWorkflow } from '#pkg/steps';
import type { Store } from '#pkg/store';
import { UsageError, type CliContext } from '../../context.ts';
import { submitterOf } from '../mode.ts';
import { untilAnswered } from '../until-answered.ts';
import { withPatientReader } from '../with-reader.ts';

/** What the verbs about accounts work with. */
export interface AccountDesk {
  readonly store: Store;
  readonly submit: SubmitWorkflow;
  readonly runtime: RuntimeRecord;
  /** Boxes that sign, in the order of the object. */
  readonly boxes: readonly SigningBox[];
  /** Ends a wait for the database as every verb does. */
  readonly ask: <T>(work: Promise<T>) => Promise<T>;
}

/** A check of a key takes a second; one that waits for its lane or the venue is told as it stands. */
const CHECK_MS_MAX = 12_000;

/** Runs `act` at the running fleet. */
export function withDesk(
  context: CliContext,
  state: string | undefined,
  act: (desk: AccountDesk) => Promise<number>,
): Promise<number> {
  return withPatientReader(context, state, async (reader, runtime) =>
    act(await openDesk(context, reader, runtime)),
  );
}

async function openDesk(
  context: CliContext,
  reader: FleetReader,
  runtime: RuntimeRecord,
): Promise<AccountDesk> {
  const ask = <T>(work: Promise<T>): Promise<T> => untilAnswered(context, work);
  const { boxes } = (await ask(callSupervisor(runtime, { verb: 'status' }))) as FleetStatus;
  return {
    store: reader.store,
    submit: submitterOf(context, reader),
    runtime,
    boxes: boxes.flatMap(({ name, egressAddress }) =>
      egressAddress === undefined ? [] : [{ box: name, address: egressAddress }],
    ),
    ask,
  };
}

/** Asks the venue about a key from every box that signs. */
export function checkFromEveryBox(
  { clock, interrupt }: CliContext,
  { store, submit, boxes }: AccountDesk,
  accountId: Account['id'],
): Promise<readonly KeyCell[]> {
  return runKeyChecks({ store, submit, clock }, accountId, {
    boxes,
    waitMs: CHECK_MS_MAX,
    signal: interrupt.requested,
  });
}

/** Returns the account of that name or id. Throws {@link UsageError} with what there is. */
export async function requireNamed({ store, ask }: AccountDesk, wanted: string): Promise<Account> {
  const accounts = await ask(store.accounts.list());
  const found = accounts.find(({ id, name }) => name === wanted || id === wanted);
  if (found !== undefined) return found;
  const names = accounts.map(({ name }) => name);
  const nearest = findNearest(wanted, names);
  const hint =
    nearest === undefined
      ? names.length === 0
        ? 'there is none yet'
        : `there are ${names.join(', ')}`
      : `did you mean ${nearest}?`;
  throw new UsageError(`no account is called ${wanted} (${hint})`);
}
