import { id, type SymbolName } from '#pkg/domain';
import { explainSymbol, type SideAnswer, type SymbolExplanation } from '#pkg/selection';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import { formatTable, type Column } from '../format/table.ts';
import { formatAge } from '../format/words.ts';
import type { SymbolVerbOptions } from '../verbs/market-verbs.ts';
import { withReader } from './with-reader.ts';

/** `kraite why SYMBOL`: what each side of each account answers to it; 1 when the fleet knows no such symbol. */
export function runWhy(
  context: CliContext,
  symbol: string,
  options: SymbolVerbOptions,
): Promise<number> {
  const { clock } = context;
  return withReader(context, options.state, async ({ store, prices }) => {
    const found = await explainSymbol({ store, prices, clock }, id<SymbolName>(symbol));
    if (found === undefined) {
      const known = await store.symbols.list();
      const message =
        known.length === 0
          ? 'no symbols are known yet; they are read from the venue when the fleet starts'
          : `the fleet knows no symbol ${symbol}; it knows ${known.length}, such as ${known[0]?.rules.symbol ?? ''}`;
      writeLine(context.stderr, message);
      return EXIT_FAILED;
    }
    writeLine(
      context.stdout,
      formatObject(found, options.output, () => describe(found, clock.nowMs())),
    );
    return EXIT_OK;
  });
}

function describe(found: SymbolExplanation, nowMs: number): string {
  return [
    `${found.symbol}  ${describeDirection(found, nowMs)}`,
    ...(found.answers.length === 0
      ? ['no account is known, so nobody trades it']
      : ['', ...formatTable(COLUMNS, found.answers, { isWide: false })]),
  ].join('\n');
}

function describeDirection(found: SymbolExplanation, nowMs: number): string {
  const { direction, directionTimeframe, directionAtMs, storedReason } = found;
  if (directionAtMs === undefined) return 'no direction has been looked for yet';
  const age = formatAge(nowMs - directionAtMs);
  return direction === undefined
    ? `no direction: ${storedReason ?? 'unknown'} (${age} ago)`
    : `${direction} by its ${directionTimeframe ?? ''} readings (${age} ago)`;
}

const COLUMNS: readonly Column<SideAnswer>[] = [
  { header: 'ACCOUNT', value: ({ account }) => account },
  { header: 'SIDE', value: ({ side }) => side },
  { header: 'ANSWER', value: ({ reason }) => reason ?? 'candidate' },
  { header: 'BECAUSE', value: ({ message }) => message },
];
