/**
 * What agent and probe say to each other over the socket: one JSON object a line.
 *
 * The agent listens, since the folder is its own and the probe may write nothing on the box; the probe connects and waits
 * to be asked.
 */
import { createInterface } from 'node:readline';
import type { Socket } from 'node:net';
import type { Observation } from './observation.ts';

export interface ProbeQuestion {
  readonly id: number;
  readonly endpoints: readonly string[];
}

export interface ProbeAnswer {
  readonly id: number;
  readonly observations: readonly Observation[];
}

/** Calls `take` with each whole line that is JSON; a line that is none ends the connection. */
export function readLines(socket: Socket, take: (message: unknown) => void): void {
  const lines = createInterface({ input: socket });
  // It repeats what the socket says of its own failure.
  lines.on('error', () => undefined);
  lines.on('line', (line) => {
    try {
      take(JSON.parse(line));
    } catch {
      socket.destroy();
    }
  });
}

export function writeLine(socket: Socket, message: ProbeQuestion | ProbeAnswer): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
