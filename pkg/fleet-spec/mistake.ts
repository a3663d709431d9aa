/** One thing that is wrong in an object. */
export interface Mistake {
  readonly file: string;
  /** Counts from 1; that of the field, or of its parent where the field is missing. */
  readonly line: number;
  /** For example `spec.trading.boxes[2].egressIP`; empty when the whole file is meant. */
  readonly path: string;
  /** What is wrong and what to do, without the path. */
  readonly message: string;
}

/** Returns the mistake on one line, as every command prints it: `fleet.yaml:41: spec.…: message`. */
export function formatMistake(mistake: Mistake): string {
  const { file, line, path, message } = mistake;
  return `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** A place in an object: field names and list positions, from the root. */
export type FieldPath = readonly (string | number)[];

/** Returns the path as people write it: `spec.trading.boxes[2].egressIP`. */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** Returns what `formatPath` was given, for names without dots and brackets. */
export function parsePath(text: string): FieldPath {
  return [...text.matchAll(/([^.[\]]+)|\[([0-9]+)\]/g)].map((match) =>
    match[2] === undefined ? (match[1] ?? '') : Number(match[2]),
  );
}
