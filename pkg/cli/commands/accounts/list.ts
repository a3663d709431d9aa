import { readArming, type Arming } from '#pkg/accounts';
import { concludeKeyChecks, readKeyCells, type KeyCell } from '#pkg/key-checks';
import type { Store } from '#pkg/store';
import type { Account } from '#pkg/domain';
import { EXIT_OK, writeLine, type CliContext } from '../../context.ts';
import { formatRows } from '../../format/output.ts';
import type { AccountsOptions } from '../../verbs/account-options.ts';
import { ACCOUNT_COLUMNS, accountRow } from '../../views/accounts.ts';
import { withDesk, type AccountDesk } from './desk.ts';

/** `kraite accounts list`. */
export function runListAccounts(context: CliContext, options: AccountsOptions): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const { store } = desk;
    const [accounts, open] = await desk.ask(
      Promise.all([store.accounts.list(), store.positions.listOpen()]),
    );
    const rows = await desk.ask(
      Promise.all(
        accounts.map(async (account) => {
          const cells = await readCellsOfBoxes(store, account, desk);
          return accountRow(account, {
            openPositions: open.filter(({ accountId }) => accountId === account.id).length,
            verdict: cells.length === 0 ? undefined : concludeKeyChecks(cells),
            addresses: desk.boxes.length,
            arming: await armingOf(desk, account),
          });
        }),
      ),
    );
    const whenEmpty = `no account yet; add one: ${context.invokedAs} accounts add NAME`;
    writeLine(context.stdout, formatRows(rows, ACCOUNT_COLUMNS, options.output, { whenEmpty }));
    return EXIT_OK;
  });
}

/** Null where the money is not real. */
export async function armingOf(
  { store, runtime }: AccountDesk,
  { id }: Account,
): Promise<Arming | null> {
  return runtime.mode === 'live' ? readArming(store, id) : null;
}

/** The newest cells of the boxes that sign now: what a box that left was told is of no use. */
export async function readCellsOfBoxes(
  { settings }: Pick<Store, 'settings'>,
  { id }: Account,
  { boxes }: Pick<AccountDesk, 'boxes'>,
): Promise<readonly KeyCell[]> {
  const cells = await readKeyCells(settings, id);
  return boxes.flatMap(
    ({ box, address }) => cells.find((cell) => cell.box === box && cell.address === address) ?? [],
  );
}
