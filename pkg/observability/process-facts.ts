/**
 * What a process tells of itself on /readyz, as whoever looks at it from outside reads it.
 *
 * The health server writes it, {@link parseProcessFacts} reads it back; nothing else knows the form.
 */
export interface ProcessFacts {
  readonly process: string;
  readonly box: string;
  readonly version: string;
  readonly isReady: boolean;
  /** It was told to take nothing more. */
  readonly isDraining: boolean;
  /** It drains, and nothing that it alone can do is left: it may end. May turn false again when such work comes. */
  readonly isDrained: boolean;
  /** Generation of workload.json that it acts by; undefined for processes without lanes. */
  readonly generation: number | undefined;
  /** Empty for processes without lanes. */
  readonly lanes: readonly LaneFacts[];
  /** Of the dispatcher while it drains: what is left in the whole fleet. */
  readonly backlog: readonly LaneBacklog[];
  /** Why it is not ready, or what it waits for: words of the catalogue. */
  readonly reasons: readonly string[];
}

export interface LaneFacts {
  readonly name: string;
  /** Steps that may run at once. */
  readonly slots: number;
  /** Steps that run or are taken. */
  readonly busy: number;
  /** Why the lane takes nothing now. */
  readonly reason?: string;
}

export interface LaneBacklog {
  readonly lane: string;
  /** For steps that are pinned to a box. */
  readonly box?: string;
  readonly ready: number;
  readonly running: number;
}

/** Returns the facts in the body of /readyz (its status is 200 or 503), or undefined when it holds none. */
export function parseProcessFacts(body: string): ProcessFacts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { process, box, version, isReady, isDraining, isDrained, generation } = value;
  if (typeof process !== 'string' || typeof box !== 'string' || typeof version !== 'string') {
    return undefined;
  }
  if (typeof isReady !== 'boolean') return undefined;
  return {
    process,
    box,
    version,
    isReady,
    isDraining: isDraining === true,
    isDrained: isDrained === true,
    generation: typeof generation === 'number' ? generation : undefined,
    lanes: listOf(value['lanes'], isLaneFacts),
    backlog: listOf(value['backlog'], isLaneBacklog),
    reasons: listOf(value['reasons'], isRecord).flatMap(({ reason }) =>
      typeof reason === 'string' ? [reason] : [],
    ),
  };
}

function listOf<T>(value: unknown, isItem: (item: unknown) => item is T): readonly T[] {
  return Array.isArray(value) ? value.filter(isItem) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLaneFacts(value: unknown): value is LaneFacts {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['slots'] === 'number' &&
    typeof value['busy'] === 'number'
  );
}

function isLaneBacklog(value: unknown): value is LaneBacklog {
  return (
    isRecord(value) &&
    typeof value['lane'] === 'string' &&
    typeof value['ready'] === 'number' &&
    typeof value['running'] === 'number'
  );
}
