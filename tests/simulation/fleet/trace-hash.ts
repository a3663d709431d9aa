import { createHash } from 'node:crypto';

/** What happened, as one word: two runs with the same word did the same. */
export interface TraceHash {
  note(atMs: number, what: unknown): void;
  word(): string;
}

const WORD_LENGTH = 16;

export function createTraceHash(): TraceHash {
  const hash = createHash('sha256');
  return {
    note: (atMs, what) => {
      hash.update(`${atMs} ${JSON.stringify(what)}\n`);
    },
    word: () => hash.copy().digest('hex').slice(0, WORD_LENGTH),
  };
}
