/** Returns an instant in ISO 8601, UTC, with milliseconds; formatting only, so no clock is read. */
export function formatInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Returns the ms since 1970 of an instant in ISO 8601 or RFC 3339, or undefined for any other text; reads no clock. */
export function parseInstant(text: string): number | undefined {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}
