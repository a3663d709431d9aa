import { writeSync } from 'node:fs';

/** A reader that takes nothing for so long costs the line, not the process. */
const WAITS_MAX = 100;
const WAIT_MS = 10;

const nobody = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes a line to a descriptor before it returns, as far as somebody reads it.
 *
 * A reader that is gone costs the line: the stream that pino brings (sonic-boom 4.2.1) tries a broken pipe again without an
 * end when the process exits, so that a process outlived its launcher.
 */
export function writeLine(descriptor: number, line: string): void {
  let rest = Buffer.from(line);
  for (let waits = 0; rest.length > 0 && waits < WAITS_MAX;) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      waits += 1;
      Atomics.wait(nobody, 0, 0, WAIT_MS);
    }
  }
}
