/** Lines of a terminal as spans of text with a style, so that widths are counted without escape codes. */
export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'accent';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  bold: '1',
  dim: '2',
  good: '32',
  bad: '31',
  warn: '33',
  accent: '36',
};

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + Array.from(text).length, 0);
}

/** Returns the text padded or cut (with `…`) to exactly `width` characters. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const characters = Array.from(text);
  if (characters.length > width) {
    return width <= 0 ? '' : `${characters.slice(0, width - 1).join('')}…`;
  }
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}

/** Returns the line cut to `width` characters. */
export function cutLine(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    if (left <= 0) break;
    const characters = Array.from(text);
    kept.push({ text: characters.slice(0, left).join(''), style });
    left -= characters.length;
  }
  return kept;
}

/** Returns the line as a string for the terminal, without blanks at its end. */
export function paintLine(line: Line, options: { readonly hasColour: boolean }): string {
  if (!options.hasColour) {
    return line
      .map(({ text }) => text)
      .join('')
      .trimEnd();
  }
  return line
    .map(({ text, style }) =>
      style === 'plain' || text.trim() === '' ? text : `\u001B[${CODES[style]}m${text}\u001B[0m`,
    )
    .join('')
    .trimEnd();
}
