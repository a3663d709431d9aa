import type { Glyphs } from './glyphs.ts';
import { span, type Line, type Span, type Style } from './line.ts';
import type { ScreenPosition } from './model.ts';

type Prices = Pick<ScreenPosition, 'stop' | 'rungs' | 'entry' | 'mark' | 'profit'>;

interface Anchor {
  readonly price: number;
  readonly glyph: string;
  readonly style: Style;
}

/**
 * Draws a position between its stop (left) and its profit order, the price on its way between the two.
 *
 * Stop, rungs, entry and profit stand at equal distances, because by true scale the profit would hide behind the
 * entry; the price is placed true between its two neighbours. Left is always bad and right is good, long or short.
 */
export function drawCorridor(prices: Prices, width: number, glyphs: Glyphs): Line {
  const anchors = orderAnchors(prices, glyphs);
  if (anchors.length < 2 || width < anchors.length) return [span(' '.repeat(Math.max(0, width)))];
  const columnOf = (index: number): number =>
    Math.round((index * (width - 1)) / (anchors.length - 1));
  const cells: Span[] = Array.from({ length: width }, () => span(glyphs.track, 'dim'));
  for (const [index, { glyph, style }] of anchors.entries()) {
    cells[columnOf(index)] = span(glyph, style);
  }
  if (prices.mark !== undefined) {
    const place = placeBetween(anchors, prices.mark);
    cells[Math.round((place * (width - 1)) / (anchors.length - 1))] = span(glyphs.mark, 'accent');
  }
  return cells;
}

/** From the stop towards the profit; for a short that is from high to low. */
function orderAnchors(prices: Prices, glyphs: Glyphs): readonly Anchor[] {
  const { stop, rungs, entry, profit } = prices;
  const anchors: Anchor[] = [
    ...optional(stop, glyphs.stop, 'bad'),
    ...rungs.map(({ price, isFilled }): Anchor => ({
      price,
      glyph: isFilled ? glyphs.filledRung : glyphs.rung,
      style: isFilled ? 'warn' : 'plain',
    })),
    ...optional(entry, glyphs.entry, 'bold'),
    ...optional(profit, glyphs.profit, 'good'),
  ];
  const isRising = (stop ?? rungs.at(-1)?.price ?? 0) <= (entry ?? profit ?? 0);
  return anchors.toSorted((a, b) => (isRising ? a.price - b.price : b.price - a.price));
}

function optional(price: number | undefined, glyph: string, style: Style): readonly Anchor[] {
  return price === undefined ? [] : [{ price, glyph, style }];
}

/** Returns where a price stands among ordered anchors, in units of their distance; never outside them. */
function placeBetween(anchors: readonly Anchor[], price: number): number {
  for (let index = 0; index + 1 < anchors.length; index += 1) {
    const from = anchors[index]?.price ?? 0;
    const to = anchors[index + 1]?.price ?? 0;
    const share = to === from ? 0 : (price - from) / (to - from);
    if (share < 0) return index;
    if (share <= 1) return index + share;
  }
  return anchors.length - 1;
}
