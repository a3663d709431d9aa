import { registerAccount } from '#pkg/accounts';
import type { Account } from '#pkg/domain';
import { saveKeyCell, type KeyVerdict } from '#pkg/key-checks';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../../context.ts';
import type { AddAccountOptions } from '../../verbs/account-options.ts';
import { personOf } from '../../person.ts';
import { printKeyTables } from './check.ts';
import { withDesk, type AccountDesk } from './desk.ts';
import { readCredentials } from './read-credentials.ts';
import { openSealing } from './sealing.ts';
import { makeSimulatedKey } from './simulated-key.ts';
import { tryKey } from './try-key.ts';

/** As other names of the object are, so that it can be typed, logged and used as a label. */
const NAME_FORM = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** `kraite accounts add NAME`: 1 when the key is refused; then nothing is stored. */
export function runAddAccount(
  context: CliContext,
  name: string,
  options: AddAccountOptions,
): Promise<number> {
  if (!NAME_FORM.test(name)) {
    throw new UsageError(
      `${name} cannot be the name of an account: use lower-case letters, digits and dashes, at most 63`,
    );
  }
  return withDesk(context, options.state, async (desk) => {
    const { store, runtime, ask } = desk;
    const { clock } = context;
    if ((await ask(store.accounts.findByName(name))) !== undefined) {
      throw new UsageError(`there is an account ${name} already`);
    }
    const credentials =
      options.simulated === undefined
        ? await readCredentials(context, options.credentialsFile)
        : await makeSimulatedKey(runtime, options.simulated);
    const sealing = await openSealing(context, options.state);
    const verdict = await tryKey(context, desk, sealing, credentials);
    printKeyTables(context, [{ account: name, verdict }], options.output);
    if (verdict.kind === 'refused') {
      writeLine(context.stderr, `not added: the key is refused (${verdict.reason ?? 'unknown'})`);
      return EXIT_FAILED;
    }
    const isTradingOn = verdict.kind === 'usable' && options.off !== true;
    const account = await ask(
      registerAccount(
        { accounts: store.accounts, clock, ...sealing },
        { name, ...credentials, isTradingOn },
        { who: personOf(context), why: options.reason ?? 'added' },
      ),
    );
    await begin(desk, account, verdict);
    const how = isTradingOn ? 'trading is on' : 'trading is off';
    writeLine(context.stderr, `account ${name} is added; ${how}`);
    return isTradingOn || options.off === true ? EXIT_OK : EXIT_FAILED;
  });
}

/** Keeps the cells, and has the balance read, without which nothing opens. */
async function begin(
  { store, submit, ask }: AccountDesk,
  { id }: Account,
  { cells }: KeyVerdict,
): Promise<void> {
  await ask(Promise.all(cells.map((cell) => saveKeyCell(store.settings, id, cell))));
  const { storeBalances } = await import('#pkg/selection');
  await ask(submit(storeBalances, undefined, { dedupeKey: `balance-of:${id}` }));
}
