/** One run of a process, from its launch to its exit; made by a launcher, watched by the supervisor. */
export interface LaunchedProcess {
  readonly pid: number;
  /** Resolves once, when the process and all it started are gone. */
  readonly exited: Promise<ProcessExit>;
  /** Asks it to end in order. */
  terminate(): void;
  /** Ends it and everything it started, now. */
  kill(): void;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote, for the person who must find out why. */
  readonly lastLines: readonly string[];
}

/** What a launcher reports while its process comes up. */
export interface LaunchObserver {
  listening(healthPort: number | undefined): void;
  /** It serves. */
  ready(): void;
  /** It does not serve yet, and says why. */
  waits(reason: string): void;
}

/** Starts one run; throws when the process cannot be started at all. */
export type Launcher = (observer: LaunchObserver) => Promise<LaunchedProcess> | LaunchedProcess;
