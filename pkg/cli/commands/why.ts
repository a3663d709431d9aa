import { formatInstant } from '#pkg/base';
import { id, type Account, type Direction, type PositionId, type SymbolName } from '#pkg/domain';
import type { FleetReader } from '#pkg/local';
import { explainAccount, explainSymbol } from '#pkg/selection';
import type { CliContext } from '../context.ts';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine } from '../context.ts';
import { formatObject, type OutputFormat } from '../format/output.ts';
import { formatTable, type Column } from '../format/table.ts';
import type { SymbolVerbOptions } from '../verbs/market-verbs.ts';
import { describeSymbol } from '../views/symbol.ts';
import { withReader } from './with-reader.ts';

/** What was asked about, answered: as an object for a script, and as lines for a person. */
interface Answer {
  readonly found: object;
  readonly describe: () => string;
}

interface Question {
  readonly reader: FleetReader;
  readonly clock: CliContext['clock'];
  readonly asked: string;
}

/** `kraite why SYMBOL|ACCOUNT|SLOT|POSITION`; 1 when the fleet knows nothing of that name. */
export function runWhy(
  context: CliContext,
  asked: string,
  options: SymbolVerbOptions,
): Promise<number> {
  const { clock } = context;
  return withReader(context, options.state, async (reader) => {
    const question = { reader, clock, asked };
    const answer =
      (await answerSlot(question)) ??
      (await answerSymbol(question)) ??
      (await answerAccount(question)) ??
      (await answerPosition(question));
    if (answer === undefined) {
      writeLine(context.stderr, await describeUnknown(question));
      return EXIT_FAILED;
    }
    print(context, answer, options.output);
    return EXIT_OK;
  });
}

function print({ stdout }: CliContext, { found, describe }: Answer, output: OutputFormat): void {
  writeLine(stdout, formatObject(found, output, describe));
}

async function answerSymbol({ reader, clock, asked }: Question): Promise<Answer | undefined> {
  const { store, prices } = reader;
  const found = await explainSymbol({ store, prices, clock }, id<SymbolName>(asked));
  if (found === undefined) return undefined;
  return { found, describe: () => describeSymbol(found, clock.nowMs()).join('\n') };
}

async function answerAccount({ reader, clock, asked }: Question): Promise<Answer | undefined> {
  const account = await reader.store.accounts.findByName(asked);
  if (account === undefined) return undefined;
  const sides = (await explainAccount({ store: reader.store, clock }, account)).map((side) => ({
    ...side,
    taken: side.taken.map(({ id: positionId, slot, symbol, status, reason }) => ({
      slot,
      symbol,
      status,
      reason,
      positionId,
    })),
  }));
  const describe = (): string => {
    const slots = sides.flatMap(({ side, taken }) =>
      taken.map((position) => ({ side, ...position })).toSorted((a, b) => a.slot - b.slot),
    );
    return [
      `${account.name}  trading ${account.isTradingOn ? 'on' : 'off'}`,
      '',
      ...formatTable(SIDE_COLUMNS, sides, { isWide: false }),
      ...(slots.length === 0 ? [] : ['', ...formatTable(SLOT_COLUMNS, slots, { isWide: false })]),
    ].join('\n');
  };
  return { found: { account: account.name, isTradingOn: account.isTradingOn, sides }, describe };
}

const SIDE_COLUMNS: readonly Column<{
  readonly side: string;
  readonly slots: number;
  readonly free: readonly number[];
  readonly reason: string | undefined;
  readonly message: string;
}>[] = [
  { header: 'SIDE', value: ({ side }) => side },
  { header: 'SLOTS', value: ({ slots }) => String(slots), align: 'right' },
  { header: 'FREE', value: ({ free }) => String(free.length), align: 'right' },
  { header: 'ANSWER', value: ({ reason }) => reason ?? 'may open' },
  { header: 'BECAUSE', value: ({ message }) => message },
];

const SLOT_COLUMNS: readonly Column<{
  readonly side: string;
  readonly slot: number;
  readonly symbol: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly positionId: string;
}>[] = [
  { header: 'SLOT', value: ({ side, slot }) => `${side}/${slot}` },
  { header: 'SYMBOL', value: ({ symbol }) => symbol },
  { header: 'STATUS', value: ({ status }) => status },
  { header: 'REASON', value: ({ reason }) => reason ?? '' },
  { header: 'POSITION', value: ({ positionId }) => positionId },
];

/** `main/long/3`: the story of what stands in it, or the first refusal of its side. */
async function answerSlot(question: Question): Promise<Answer | undefined> {
  const { reader, clock, asked } = question;
  const named = /^(?<account>.+)\/(?<side>long|short)\/(?<slot>\d+)$/u.exec(asked)?.groups;
  if (named === undefined) return undefined;
  const account = await reader.store.accounts.findByName(named['account'] ?? '');
  if (account === undefined) return undefined;
  const side = named['side'] as Direction;
  const slot = Number(named['slot']);
  requireSlot(account, side, slot);
  const sides = await explainAccount({ store: reader.store, clock }, account);
  const own = sides.find((other) => other.side === side);
  const held = own?.taken.find((position) => position.slot === slot);
  if (held !== undefined) return answerPosition({ ...question, asked: held.id });
  const reason = own?.reason;
  const message = own?.message ?? '';
  const found = { account: account.name, side, slot, reason, message };
  return { found, describe: () => `${asked}  free  ${reason ?? 'may open'}: ${message}` };
}

function requireSlot(account: Account, side: Direction, slot: number): void {
  const count = account.settings.slots[side];
  if (slot >= 1 && slot <= count) return;
  throw new UsageError(
    count === 0
      ? `account ${account.name} has no ${side} slots`
      : `account ${account.name} has the ${side} slots 1 to ${count}, not ${slot}`,
  );
}

async function answerPosition({ reader, asked }: Question): Promise<Answer | undefined> {
  const { store } = reader;
  const position = await store.positions.find(id<PositionId>(asked));
  if (position === undefined) return undefined;
  const { formatStory, narratePosition, readPositionRows } = await import('#pkg/story');
  const story = narratePosition(await readPositionRows(store, position));
  const found = {
    ...story,
    reason: story.reason ?? null,
    moments: story.moments.map(({ atMs, reason, ...moment }) => ({
      at: formatInstant(atMs),
      ...moment,
      reason: reason ?? null,
    })),
  };
  return { found, describe: () => formatStory(story).join('\n') };
}

async function describeUnknown({ reader, asked }: Question): Promise<string> {
  const { store } = reader;
  const known = await store.symbols.list();
  if (known.length === 0) {
    return `the fleet knows nothing named ${asked}; symbols are read from the venue when it starts`;
  }
  const accounts = (await store.accounts.list()).map(({ name }) => name);
  const example = accounts[0] ?? 'ACCOUNT';
  return (
    `the fleet knows no symbol, account, slot or position ${asked}; it knows ${known.length} symbols, such as ` +
    `${known[0]?.rules.symbol ?? ''}, and ${accounts.length === 0 ? 'no account' : `the accounts ${accounts.slice(0, 5).join(', ')}`}; ` +
    `a slot is written ${example}/long/1`
  );
}
