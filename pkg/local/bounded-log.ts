import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

const FILE_BYTES_MAX = 8_388_608;
const LAST_LINES_MAX = 20;
const LINE_CHARACTERS_MAX = 500;

/**
 * The log file of one process: appended to, and bounded in size.
 *
 * A full file becomes `NAME.log.1`, replacing the one before; so a process never takes more than
 * twice the bound.
 */
export class BoundedLog {
  readonly #path: string;
  readonly #bytesMax: number;
  #file: number;
  #bytes: number;
  #lastLines: string[] = [];
  #isClosed = false;

  constructor(path: string, options: { readonly bytesMax?: number } = {}) {
    this.#path = path;
    this.#bytesMax = options.bytesMax ?? FILE_BYTES_MAX;
    this.#file = openSync(path, 'a', 0o600);
    this.#bytes = statSync(path).size;
  }

  /** The newest lines, shortened; for the report of a crash. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Appends a line; dropped once the log is closed. */
  writeLine(line: string): void {
    if (this.#isClosed) return;
    this.#lastLines.push(line.slice(0, LINE_CHARACTERS_MAX));
    if (this.#lastLines.length > LAST_LINES_MAX) this.#lastLines.shift();
    if (this.#bytes >= this.#bytesMax) this.#turnOver();
    this.#bytes += writeSync(this.#file, `${line}\n`);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
  }

  #turnOver(): void {
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, 'a', 0o600);
    this.#bytes = 0;
  }
}
