import { formatAge } from '../format/words.ts';
import { drawCorridor } from './corridor.ts';
import type { Glyphs } from './glyphs.ts';
import { fit, span, type Line } from './line.ts';
import type { ScreenModel, ScreenPosition } from './model.ts';

interface PositionLook {
  readonly columns: number;
  readonly glyphs: Glyphs;
}

const WIDTHS = { symbol: 12, side: 6, status: 9, pnl: 9, age: 7 };
const CORRIDOR_MIN = 20;
const CORRIDOR_MAX = 60;
const CORRIDOR_GAP = 2;

/** Returns a heading and one line for each open position, at most `count` of them, the rest as a number. */
export function renderPositions(
  model: ScreenModel,
  look: PositionLook,
  count: number,
): readonly Line[] {
  const { positions, totals } = model;
  const { dot } = look.glyphs;
  const width = corridorWidth(look);
  const shown = positions.slice(0, Math.max(1, count));
  const part = shown.length < positions.length ? ` (newest ${shown.length} shown)` : '';
  const facts = [
    `${positions.length} open${part}`,
    `${totals.opened} opened`,
    `${totals.closed} closed`,
    `${totals.realizedUsdt} USDT realized`,
  ];
  const title: Line = [span(` POSITIONS`, 'bold'), span(`  ${facts.join(` ${dot} `)}`)];
  if (positions.length === 0) {
    return [
      title,
      [span(' none open: the first ones follow from indicators and directions', 'dim')],
    ];
  }
  return [
    title,
    renderLegend(width, look),
    ...shown.map((position) => renderPosition(position, width, look)),
  ];
}

function corridorWidth({ columns }: PositionLook): number {
  const others = Object.values(WIDTHS).reduce((sum, width) => sum + width, 0);
  return Math.max(CORRIDOR_MIN, Math.min(CORRIDOR_MAX, columns - others - CORRIDOR_GAP - 2));
}

function renderLegend(width: number, { glyphs }: PositionLook): Line {
  const { stop, rung, filledRung, entry, mark, profit } = glyphs;
  const long = `${stop}stop ${rung}rung ${filledRung}filled ${entry}entry ${mark}now ${profit}profit`;
  const short = `${stop}stop ${rung}rung ${entry}entry ${mark}now ${profit}profit`;
  const legend = width >= Array.from(long).length ? long : short;
  return [
    span(
      [
        ` ${fit('SYMBOL', WIDTHS.symbol)}`,
        fit('SIDE', WIDTHS.side),
        fit('STATUS', WIDTHS.status),
        fit(legend, width + CORRIDOR_GAP),
        fit('PNL', WIDTHS.pnl, 'right'),
        fit('AGE', WIDTHS.age, 'right'),
      ].join(''),
      'dim',
    ),
  ];
}

function renderPosition(position: ScreenPosition, width: number, look: PositionLook): Line {
  const { pnlUsdt } = position;
  const isLoss = pnlUsdt?.startsWith('-') === true;
  const corridor: Line =
    position.stop === undefined || position.entry === undefined
      ? [span(fit(position.reason ?? 'its orders are being placed', width), 'dim')]
      : drawCorridor(position, width, look.glyphs);
  return [
    span(` ${fit(position.symbol, WIDTHS.symbol)}`, 'bold'),
    span(fit(position.direction, WIDTHS.side), position.direction === 'long' ? 'good' : 'bad'),
    span(fit(position.status, WIDTHS.status), position.status === 'active' ? 'plain' : 'warn'),
    ...corridor,
    span(' '.repeat(CORRIDOR_GAP)),
    span(fit(pnlUsdt ?? '', WIDTHS.pnl, 'right'), isLoss ? 'bad' : 'good'),
    span(fit(formatAge(position.ageMs), WIDTHS.age, 'right'), 'dim'),
  ];
}
