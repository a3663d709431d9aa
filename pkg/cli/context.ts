import type { Clock } from '#pkg/base';

/** The world of one command: everything a verb may touch besides its own options. */
export interface CliContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: NodeJS.ReadStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Where this program lies: `cmd/`, `k8s/` and the licence are below it. */
  readonly installFolder: string;
  readonly clock: Clock;
  /** How the person calls us (`./kraite`, `npx kraite`), so that advice can be typed as it stands. */
  readonly invokedAs: string;
  /** When the person pressed return, ms since 1970: the launcher's start, else this process's. */
  readonly startedAtMs: number;
  readonly interrupt: Interrupt;
}

/** What `kubectl-kraite` says that we were called as. */
const AS_PLUGIN = 'kubectl kraite';

/** Whether the person typed `kubectl kraite`. */
export function isPlugin({ invokedAs }: Pick<CliContext, 'invokedAs'>): boolean {
  return invokedAs === AS_PLUGIN;
}

export interface Interrupt {
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly requested: AbortSignal;
  /** Aborts at the second. */
  readonly forced: AbortSignal;
}

/** What verbs need of a terminal or a pipe. */
export interface OutputStream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_WRONG_USE = 2;

/** The command was typed wrongly; the message says what to type. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Writes one line. */
export function writeLine(stream: OutputStream, line: string): void {
  stream.write(`${line}\n`);
}
