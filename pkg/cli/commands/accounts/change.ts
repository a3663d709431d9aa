import {
  armAccount,
  assignSettings,
  changeAccount,
  describeSettingChanges,
  disarmAccount,
  readArming,
  rotateKey,
} from '#pkg/accounts';
import type { Account, AccountChangeKind } from '#pkg/domain';
import { concludeKeyChecks, saveKeyCell, type KeyVerdict } from '#pkg/key-checks';
import { fillOptionsOf, fillSlots } from '#pkg/selection';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../../context.ts';
import { personOf } from '../../person.ts';
import { askOpen } from '../../prompt.ts';
import type {
  ArmOptions,
  ChangeOptions,
  EnableOptions,
  RotateOptions,
} from '../../verbs/account-options.ts';
import { printKeyTables } from './check.ts';
import { checkFromEveryBox, requireNamed, withDesk, type AccountDesk } from './desk.ts';
import { readCredentials } from './read-credentials.ts';
import { openSealing } from './sealing.ts';
import { tryKey } from './try-key.ts';

/** `kraite accounts set NAME SETTING=VALUE…`: what is open keeps what it was opened by. */
export function runSetAccount(
  context: CliContext,
  name: string,
  { assignments, ...options }: ChangeOptions & { readonly assignments: readonly string[] },
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const account = await requireNamed(desk, name);
    const wanted = assignSettings(account.settings, assignments);
    if (describeSettingChanges(account.settings, wanted).length === 0) {
      writeLine(context.stdout, `${account.name} is set so already; nothing changed`);
      return EXIT_OK;
    }
    const { settings } = await change(context, desk, account, {
      kind: 'settings',
      why: options.reason,
      set: (standing) => ({ settings: assignSettings(standing.settings, assignments) }),
    });
    for (const { path, from, to } of describeSettingChanges(account.settings, settings)) {
      writeLine(context.stdout, `${path}: ${from} → ${to}`);
    }
    writeLine(
      context.stdout,
      `${account.name}: version ${settings.version ?? 0}, for positions opened from now on`,
    );
    return EXIT_OK;
  });
}

/** `kraite accounts disable NAME`: nothing of it opens; what is open is protected and closed as ever. */
export function runDisableAccount(
  context: CliContext,
  name: string,
  options: ChangeOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const account = await requireNamed(desk, name);
    await change(context, desk, account, {
      kind: 'switched-off',
      why: options.reason,
      set: () => ({ isTradingOn: false }),
    });
    const open = await desk.ask(desk.store.positions.listOpen({ accountId: account.id }));
    const rest = open.length === 0 ? '' : `; ${open.length} open positions go on to their end`;
    writeLine(context.stdout, `trading of ${account.name} is off${rest}`);
    return EXIT_OK;
  });
}

/** `kraite accounts enable NAME`: 1 when the venue refuses its key from an address. */
export function runEnableAccount(
  context: CliContext,
  name: string,
  options: EnableOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const account = await requireNamed(desk, name);
    const verdict = concludeKeyChecks(await checkFromEveryBox(context, desk, account.id));
    printKeyTables(context, [{ account: account.name, verdict }], options.output);
    if (!isAcceptable(verdict, options)) {
      return refuse(context, `trading of ${account.name} stays as it is`, verdict);
    }
    await change(context, desk, account, {
      kind: 'switched-on',
      why: options.reason ?? 'back to work',
      set: () => ({ isTradingOn: true }),
    });
    await desk.ask(desk.submit(fillSlots, { accountId: account.id }, fillOptionsOf(account.id)));
    writeLine(context.stdout, `trading of ${account.name} is on`);
    return EXIT_OK;
  });
}

/** `kraite accounts rotate NAME`: 1 when the new key is refused; then the old one stays. */
export function runRotateAccount(
  context: CliContext,
  name: string,
  options: RotateOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const { store, ask } = desk;
    const account = await requireNamed(desk, name);
    const credentials = await readCredentials(context, options.credentialsFile);
    const sealing = await openSealing(context, options.state);
    const verdict = await tryKey(context, desk, sealing, credentials);
    printKeyTables(context, [{ account: account.name, verdict }], options.output);
    if (!isAcceptable(verdict, options)) {
      return refuse(context, `${account.name} keeps its key`, verdict);
    }
    const lost = await findPairsNotSeen(desk, account, verdict);
    if (lost.length > 0) {
      writeLine(
        context.stderr,
        `${account.name} keeps its key: the new one is of another account, which does not hold ${lost.join(', ')}`,
      );
      return EXIT_FAILED;
    }
    await ask(
      rotateKey(
        { accounts: store.accounts, clock: context.clock, ...sealing },
        account,
        credentials,
        {
          who: personOf(context),
          why: options.reason,
        },
      ),
    );
    await ask(
      Promise.all(verdict.cells.map((cell) => saveKeyCell(store.settings, account.id, cell))),
    );
    writeLine(
      context.stdout,
      `${account.name} has its new key; every box signs with it within 10 s`,
    );
    return EXIT_OK;
  });
}

/** `kraite accounts arm NAME`: real money, after the person has typed the name. */
export function runArmAccount(
  context: CliContext,
  name: string,
  options: ArmOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const { store, ask, runtime } = desk;
    const account = await requireNamed(desk, name);
    if (runtime.mode !== 'live') {
      throw new UsageError(
        `this fleet is in mode ${runtime.mode}: its money is not real, and nothing needs to be armed`,
      );
    }
    const verdict = concludeKeyChecks(await checkFromEveryBox(context, desk, account.id));
    printKeyTables(context, [{ account: account.name, verdict }], options.output);
    if (!isAcceptable(verdict, options)) {
      return refuse(context, `${account.name} is not armed`, verdict);
    }
    if (!(await isConfirmed(context, account, options))) {
      writeLine(
        context.stderr,
        `${account.name} is not armed: that trades REAL MONEY; add --confirm ${account.name} if that is what you mean`,
      );
      return EXIT_FAILED;
    }
    await change(context, desk, account, { kind: 'armed', why: options.reason });
    const by = { who: personOf(context), atMs: context.clock.nowMs() };
    await ask(armAccount(store, account.id, by));
    await ask(desk.submit(fillSlots, { accountId: account.id }, fillOptionsOf(account.id)));
    writeLine(context.stdout, `${account.name} is armed in this fleet and this database`);
    return EXIT_OK;
  });
}

/** `kraite accounts disarm NAME`: nothing of it opens any more, within 2 s; what protects and closes is signed as ever. */
export function runDisarmAccount(
  context: CliContext,
  name: string,
  options: ChangeOptions,
): Promise<number> {
  return withDesk(context, options.state, async (desk) => {
    const { store, ask } = desk;
    const account = await requireNamed(desk, name);
    if ((await ask(readArming(store, account.id))) !== 'armed') {
      writeLine(context.stdout, `${account.name} is not armed; nothing changed`);
      return EXIT_OK;
    }
    const by = { who: personOf(context), atMs: context.clock.nowMs() };
    // Before the history: what stops money must not wait for what tells of it.
    await ask(disarmAccount(store, account.id, by));
    await change(context, desk, account, { kind: 'disarmed', why: options.reason });
    writeLine(
      context.stdout,
      `${account.name} is disarmed: nothing opens; open positions are protected and closed as ever`,
    );
    return EXIT_OK;
  });
}

interface Change {
  readonly kind: AccountChangeKind;
  readonly why: string;
  readonly set?: (account: Account) => Partial<Pick<Account, 'settings' | 'isTradingOn'>>;
}

async function change(
  context: CliContext,
  { store, ask }: AccountDesk,
  { id, name }: Account,
  request: Change,
): Promise<Account> {
  const { clock } = context;
  const who = personOf(context);
  const after = await ask(
    changeAccount({ accounts: store.accounts, clock }, id, { ...request, who }),
  );
  await ask(
    store.events.append({
      kind: 'AccountChanged',
      message: `${name}: ${request.kind} by ${who}: ${request.why}`,
      atMs: clock.nowMs(),
      accountId: id,
    }),
  );
  return after;
}

/** A box that did not answer refuses nothing; an address that is refused may be accepted by hand, a key never. */
function isAcceptable(
  { kind, cells }: KeyVerdict,
  { anyway }: { readonly anyway?: true },
): boolean {
  if (kind === 'refused' || kind === 'unanswered') return false;
  return anyway === true || !cells.some(({ outcome }) => outcome === 'refused');
}

function refuse({ stderr }: CliContext, what: string, { kind, reason }: KeyVerdict): number {
  const why = reason ?? 'nobody answered';
  const hint = kind === 'partial' ? '; --anyway goes on without that address' : '';
  writeLine(stderr, `${what}: ${why}${hint}`);
  return EXIT_FAILED;
}

/** Open positions that the account of the tried key does not hold; it may be another account's key. */
async function findPairsNotSeen(
  { store, ask }: AccountDesk,
  { id }: Account,
  { cells }: KeyVerdict,
): Promise<readonly string[]> {
  const open = await ask(store.positions.listOpen({ accountId: id }));
  const seen = new Set(cells.flatMap(({ pairs }) => pairs ?? []));
  return open
    .filter(({ quantity, status }) => quantity?.gt(0) === true && status === 'active')
    .map(({ symbol, direction }) => `${symbol} ${direction}`)
    .filter((pair) => !seen.has(pair));
}

async function isConfirmed(
  context: CliContext,
  { name, balanceUsdt, settings }: Account,
  { confirm }: ArmOptions,
): Promise<boolean> {
  if (confirm !== undefined) return confirm === name;
  if (!context.stdin.isTTY) return false;
  writeLine(
    context.stderr,
    `This trades REAL MONEY on ${name}: ${balanceUsdt ?? 'an unknown sum of'} USDT, ${settings.slots.long} long and ${settings.slots.short} short slots.`,
  );
  return (await askOpen(context, 'Type the name of the account to go on: ')).trim() === name;
}
