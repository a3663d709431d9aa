import { flatten } from '#pkg/accounts';
import { formatInstant } from '#pkg/base';
import type { AccountChange } from '#pkg/domain';
import { concludeKeyChecks } from '#pkg/key-checks';
import { EXIT_OK, writeLine, type CliContext } from '../../context.ts';
import { formatObject, formatRows } from '../../format/output.ts';
import { formatTable, type Column } from '../../format/table.ts';
import type { AccountsOptions, HistoryOptions } from '../../verbs/account-options.ts';
import { accountRow } from '../../views/accounts.ts';
import { KEY_CELL_COLUMNS, keyCellRow } from '../../views/key-table.ts';
import { requireNamed, withDesk } from './desk.ts';
import { armingOf, readCellsOfBoxes } from './list.ts';

/** `kraite accounts show NAME`. */
export function runShowAccount(
  context: CliContext,
  name: string,
  options: AccountsOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const { store, ask, boxes } = desk;
    const account = await requireNamed(desk, name);
    const [open, cells, arming, changes] = await ask(
      Promise.all([
        store.positions.listOpen({ accountId: account.id }),
        readCellsOfBoxes(store, account, desk),
        armingOf(desk, account),
        store.accounts.listChanges(account.id, 1),
      ]),
    );
    const verdict = cells.length === 0 ? undefined : concludeKeyChecks(cells);
    const nowMs = context.clock.nowMs();
    const view = {
      ...accountRow(account, {
        openPositions: open.length,
        verdict,
        addresses: boxes.length,
        arming,
      }),
      createdAt: formatInstant(account.createdAtMs),
      settings: account.settings,
      newestChange: changes[0]?.number ?? 0,
      keyTable: (verdict?.cells ?? []).map((cell) => keyCellRow(account.name, cell, nowMs)),
    };
    const describe = (): string =>
      [
        `${view.name}  trading ${view.isTradingOn ? 'on' : 'off'}, ${view.openPositions} positions open`,
        ...(view.arming === null ? [] : [`real money: ${describeArming(view.arming)}`]),
        `key ${view.apiKey}, added ${view.createdAt}, ${view.newestChange} changes`,
        '',
        `settings${account.settings.version === undefined ? '' : ` (version ${account.settings.version})`}`,
        ...[...flatten(account.settings)]
          .filter(([path]) => path !== 'version')
          .map(([path, value]) => `  ${path}=${value}`),
        '',
        ...(view.keyTable.length === 0
          ? [`key not checked yet: ${context.invokedAs} accounts check ${name}`]
          : formatTable(KEY_CELL_COLUMNS, view.keyTable, { isWide: options.output === 'wide' })),
      ].join('\n');
    writeLine(context.stdout, formatObject(view, options.output, describe));
    return EXIT_OK;
  });
}

function describeArming(arming: 'armed' | 'closing' | 'none'): string {
  if (arming === 'armed') return 'armed';
  return arming === 'closing'
    ? 'disarmed; what protects and closes goes on'
    : 'not armed in this fleet and database; nothing is signed';
}

interface ChangeRow {
  readonly number: number;
  readonly at: string;
  readonly kind: string;
  readonly who: string;
  readonly why: string;
  readonly settings: AccountChange['settings'] | null;
}

const CHANGE_COLUMNS: readonly Column<ChangeRow>[] = [
  { header: 'CHANGE', value: ({ number }) => String(number), align: 'right' },
  { header: 'AT', value: ({ at }) => at },
  { header: 'WHAT', value: ({ kind }) => kind },
  { header: 'WHO', value: ({ who }) => who },
  { header: 'WHY', value: ({ why }) => why },
  {
    header: 'SETTINGS',
    value: ({ settings }) =>
      settings === null || settings === undefined
        ? ''
        : [...flatten(settings)].map(([path, value]) => `${path}=${value}`).join(' '),
    isWide: true,
  },
];

/** `kraite accounts history NAME`: newest first. */
export function runAccountHistory(
  context: CliContext,
  name: string,
  options: HistoryOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const account = await requireNamed(desk, name);
    const changes = await desk.ask(desk.store.accounts.listChanges(account.id, options.limit));
    const rows = changes.map(({ number, atMs, kind, who, why, settings }): ChangeRow => ({
      number,
      at: formatInstant(atMs),
      kind,
      who,
      why,
      settings: settings ?? null,
    }));
    const whenEmpty = `nobody changed ${account.name} yet`;
    writeLine(context.stdout, formatRows(rows, CHANGE_COLUMNS, options.output, { whenEmpty }));
    return EXIT_OK;
  });
}
