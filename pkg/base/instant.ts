/** Returns an instant in ISO 8601, UTC, with milliseconds; formatting only, so no clock is read. */
export function formatInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Returns the instant that `text` (ISO 8601 or RFC 3339) names in ms, or undefined when it names none. */
export function parseInstant(text: string | undefined): number | undefined {
  const atMs = Date.parse(text ?? '');
  return Number.isNaN(atMs) ? undefined : atMs;
}
