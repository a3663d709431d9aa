/**
 * workload.json: what a running worker may be told without a restart.
 *
 * Locally the applier writes it (to a temporary name, then renamed); in a cluster it is a mounted ConfigMap.
 * The worker acknowledges `generation` in its heartbeat row.
 */
export interface WorkloadFile {
  readonly generation: number;
  /** Slots by lane (`own` for the box's own); a lane that is absent or 0 takes nothing. */
  readonly lanes: Readonly<Record<string, number>>;
  /** Takes nothing more; what runs goes on. */
  readonly isDraining: boolean;
}

/** Returns the content of a workload file, or undefined when it is not (yet) a whole one. */
export function parseWorkloadFile(text: string): WorkloadFile | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isWorkloadFile(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWorkloadFile(value: unknown): value is WorkloadFile {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Partial<Record<keyof WorkloadFile, unknown>>;
  return (
    Number.isInteger(file.generation) &&
    typeof file.isDraining === 'boolean' &&
    typeof file.lanes === 'object' &&
    file.lanes !== null &&
    Object.values(file.lanes).every((slots) => Number.isInteger(slots) && (slots as number) >= 0)
  );
}
