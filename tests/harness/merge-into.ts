type Loose = Record<string, unknown>;

/** A merge patch; lists of conditions merge by type, as server-side apply does. */
export function mergeInto(live: unknown, change: unknown): unknown {
  if (Array.isArray(change)) {
    const changed = change as readonly unknown[];
    const isConditions = changed.some(
      (each) => (each as Loose)?.['lastTransitionTime'] !== undefined,
    );
    if (!isConditions || !Array.isArray(live)) return change;
    const before = live as readonly unknown[];
    const types = new Set(changed.map((each) => (each as Loose)['type']));
    return [...before.filter((each) => !types.has((each as Loose)['type'])), ...changed];
  }
  if (typeof change !== 'object' || change === null) return change;
  const merged: Loose = { ...(typeof live === 'object' && live !== null ? (live as Loose) : {}) };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = mergeInto(merged[name], value);
  }
  return merged;
}
