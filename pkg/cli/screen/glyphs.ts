/** The few signs that the screen draws with, for terminals with and without Unicode. */
export interface Glyphs {
  readonly busy: string;
  readonly free: string;
  readonly stop: string;
  readonly rung: string;
  readonly filledRung: string;
  readonly entry: string;
  readonly mark: string;
  readonly profit: string;
  readonly track: string;
  readonly dot: string;
  readonly ellipsis: string;
}

export const UNICODE_GLYPHS: Glyphs = {
  busy: '■',
  free: '·',
  stop: '✕',
  rung: '○',
  filledRung: '●',
  entry: '┼',
  mark: '◆',
  profit: '▶',
  track: '─',
  dot: '·',
  ellipsis: '…',
};

export const ASCII_GLYPHS: Glyphs = {
  busy: '#',
  free: '.',
  stop: 'x',
  rung: 'o',
  filledRung: '@',
  entry: '+',
  mark: '^',
  profit: '>',
  track: '-',
  dot: '-',
  ellipsis: '.',
};
