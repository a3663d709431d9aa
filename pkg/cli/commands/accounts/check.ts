import { concludeKeyChecks, saveKeyCell, type KeyCell, type KeyVerdict } from '#pkg/key-checks';
import type { Account } from '#pkg/domain';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../../context.ts';
import { formatRows, type OutputFormat } from '../../format/output.ts';
import type { AccountsOptions } from '../../verbs/account-options.ts';
import { KEY_CELL_COLUMNS, keyCellRow } from '../../views/key-table.ts';
import { checkFromEveryBox, requireNamed, withDesk, type AccountDesk } from './desk.ts';

/** `kraite accounts check [NAME…]`: 1 unless every key works from every address that signs. */
export function runCheckAccounts(
  context: CliContext,
  names: readonly string[],
  options: AccountsOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const accounts =
      names.length === 0
        ? await desk.ask(desk.store.accounts.list())
        : await Promise.all(names.map((name) => requireNamed(desk, name)));
    const verdicts = await Promise.all(
      accounts.map(async (account) => {
        const cells = await checkFromEveryBox(context, desk, account.id);
        await keepUnasked(desk, account, cells);
        return { account, verdict: concludeKeyChecks(cells) };
      }),
    );
    printKeyTables(
      context,
      verdicts.map(({ account, verdict }) => ({ account: account.name, verdict })),
      options.output,
    );
    const isWhole = verdicts.every(({ verdict }) => verdict.kind === 'usable');
    return isWhole ? EXIT_OK : EXIT_FAILED;
  });
}

/** What no step wrote, because no box was asked: the table says so too. */
async function keepUnasked(
  { store, ask }: AccountDesk,
  { id }: Account,
  cells: readonly KeyCell[],
): Promise<void> {
  const unasked = cells.filter(({ outcome }) => outcome === 'unanswered');
  await ask(Promise.all(unasked.map((cell) => saveKeyCell(store.settings, id, cell))));
}

/** Prints one table; in text also what to do about each account. */
export function printKeyTables(
  { stdout, stderr, clock }: CliContext,
  verdicts: readonly { readonly account: string; readonly verdict: KeyVerdict }[],
  output: OutputFormat,
): void {
  const nowMs = clock.nowMs();
  const rows = verdicts.flatMap(({ account, verdict }) =>
    verdict.cells.map((cell) => keyCellRow(account, cell, nowMs)),
  );
  writeLine(stdout, formatRows(rows, KEY_CELL_COLUMNS, output, { whenEmpty: 'no account yet' }));
  if (output !== 'text') return;
  for (const { account, verdict } of verdicts) {
    for (const advice of adviceOf(verdict)) writeLine(stderr, `${account}: ${advice}`);
  }
}

/** One sentence where the key itself is the matter, else one for each address that is. */
function adviceOf({ kind, message, cells }: KeyVerdict): readonly string[] {
  if (kind === 'refused') return message === undefined ? [] : [message];
  return cells.flatMap((cell) => (cell.message === null ? [] : [`${cell.box}: ${cell.message}`]));
}
