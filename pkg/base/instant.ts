/** Returns an instant in ISO 8601, UTC, with milliseconds; formatting only, so no clock is read. */
export function formatInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}
