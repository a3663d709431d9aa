/** One thing that is wrong in an object; `line` counts from 1 and is that of the field or of its parent. */
export interface Mistake {
  /** For example `spec.trading.boxes[2].egressIP`; empty when the whole file is meant. */
  readonly path: string;
  readonly line: number;
  /** What is wrong and what to do, without the path. */
  readonly message: string;
}

/** Returns the mistake on one line, as every command prints it: `fleet.yaml:41: spec.…: message`. */
export function formatMistake(mistake: Mistake, file: string): string {
  const where = `${file}:${mistake.line}`;
  return mistake.path === ''
    ? `${where}: ${mistake.message}`
    : `${where}: ${mistake.path}: ${mistake.message}`;
}
