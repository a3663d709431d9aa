import type { PathEntry } from '#pkg/prospects';
import type { LastLook, SideAnswer, SymbolExplanation } from '#pkg/selection';
import { formatTable, type Column } from '../format/table.ts';
import { formatAge } from '../format/words.ts';

/** Returns why a symbol is traded or not, as lines: its direction, what is known of it, and each side's answer. */
export function describeSymbol(found: SymbolExplanation, nowMs: number): readonly string[] {
  const { answers } = found;
  return [
    `${found.symbol}  ${describeDirection(found, nowMs)}`,
    ...found.path.map((entry) => `  ${describeEntry(entry)}`),
    `  ${describeMeasure(found, nowMs)}`,
    `  ${describeLevels(found, nowMs)}`,
    '',
    ...(answers.length === 0
      ? ['no account is known, so nobody trades it']
      : [
          ...formatTable(COLUMNS, answers, { isWide: false }),
          '',
          ...formatTable(scoreColumns(nowMs), answers, { isWide: false }),
          '',
          ...formatTable(approvalColumns(nowMs), answers, { isWide: false }),
        ]),
  ];
}

function describeDirection(found: SymbolExplanation, nowMs: number): string {
  const { directionAtMs, direction, storedReason, directionTimeframe } = found;
  if (directionAtMs === undefined) return 'no direction has been looked for yet';
  const age = formatAge(nowMs - directionAtMs);
  if (direction === undefined) return `no direction: ${storedReason ?? 'unknown'} (${age} ago)`;
  const doubt = storedReason === undefined ? '' : `, not acted on: ${storedReason}`;
  return `${direction} by its ${directionTimeframe ?? ''} readings (${age} ago)${doubt}`;
}

const SOURCES: Readonly<Record<PathEntry['source'], string>> = {
  provider: 'by the provider alone',
  candles: "by the venue's candles alone",
  both: "by the provider and the venue's candles",
};

function describeEntry({ timeframe, direction, reason, message, source }: PathEntry): string {
  const said = direction ?? `${reason ?? 'unknown'}: ${message ?? ''}`;
  return `${timeframe}: ${said} (${SOURCES[source]})`;
}

function describeMeasure({ measure }: SymbolExplanation, nowMs: number): string {
  if (measure === undefined) return 'how it moves with BTC was not measured yet';
  const age = `(${formatAge(nowMs - measure.atMs)} ago)`;
  if (measure.kind === 'unavailable') return `${measure.reason}: ${measure.message} ${age}`;
  const { correlation, stability, elasticity, daily, moves } = measure;
  const of = (value: number | undefined): string => value?.toFixed(2) ?? 'unknown';
  return (
    `with BTC: correlation ${of(correlation)} by the hour and ${of(daily?.correlation)} by the day, stability ${of(stability)}, ` +
    `elasticity ${of(elasticity.rising)} up and ${of(elasticity.falling)} down, of ${moves} hours ${age}`
  );
}

function describeLevels({ levels }: SymbolExplanation, nowMs: number): string {
  if (levels === undefined) return 'its support and resistance are not known';
  const { s1, r1, price, timeframe, atMs } = levels;
  const shown = (value: number): string => String(Number(value.toPrecision(7)));
  return `support ${shown(s1)}, resistance ${shown(r1)}, read at ${shown(price)} by its ${timeframe} readings (${formatAge(nowMs - atMs)} ago)`;
}

const COLUMNS: readonly Column<SideAnswer>[] = [
  { header: 'ACCOUNT', value: ({ account }) => account },
  { header: 'SIDE', value: ({ side }) => side },
  { header: 'ANSWER', value: ({ reason }) => reason ?? 'candidate' },
  { header: 'BECAUSE', value: ({ message }) => message },
];

function scoreColumns(nowMs: number): readonly Column<SideAnswer>[] {
  return [
    { header: 'ACCOUNT', value: ({ account }) => account },
    { header: 'SIDE', value: ({ side }) => side },
    { header: 'SCORE NOW', value: ({ score }) => describeScore(score) },
    { header: 'LAST LOOK', value: ({ lastLook }) => describeLook(lastLook, nowMs) },
  ];
}

function approvalColumns(nowMs: number): readonly Column<SideAnswer>[] {
  return [
    { header: 'ACCOUNT', value: ({ account }) => account },
    { header: 'SIDE', value: ({ side }) => side },
    { header: 'BACKTEST', value: ({ approval }) => describeApproval(approval, nowMs) },
  ];
}

function describeApproval(approval: SideAnswer['approval'], nowMs: number): string {
  if (approval === undefined) return 'not judged yet';
  const { kind, message, suggestion, candles, atMs } = approval;
  const instead =
    suggestion === undefined
      ? ''
      : ` Opens with gap ${suggestion.gapPercent} %, profit ${suggestion.profitPercent} %.`;
  return `${kind}: ${message}${instead} (${candles} hours, ${formatAge(nowMs - atMs)} ago)`;
}

function describeScore(score: SideAnswer['score']): string {
  if (score.kind === 'unscored') return `none: ${score.reason}`;
  const { elasticity, correlation, room, stability } = score.factors;
  const parts = [elasticity, correlation, room, stability].map((factor) => factor.toFixed(2));
  return `${score.score.toFixed(4)} = elasticity ${parts[0]} × correlation ${parts[1]} × room ${parts[2]} × stability ${parts[3]}`;
}

function describeLook(look: LastLook | undefined, nowMs: number): string {
  if (look === undefined) return 'no slot was free yet';
  const age = `${formatAge(nowMs - look.atMs)} ago`;
  if (look.kind === 'refused') return `${look.reason}, ${age}`;
  if (look.kind === 'left-over') return `far from a slot, ${age}`;
  const worth =
    look.score === undefined
      ? `${look.tier}, ${look.reason ?? ''}`
      : `${look.tier}, ${look.score.toFixed(4)} × ${look.diversification.toFixed(2)} for likeness`;
  const place = look.slot === undefined ? `no slot, place ${look.rank}` : `slot ${look.slot}`;
  return `${place} (${worth}), ${age}`;
}
