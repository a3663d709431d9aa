export interface FleetErrorOptions {
  readonly cause?: unknown;
  /** Facts for the log line; never secrets. */
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/**
 * An operating failure that somebody planned for.
 *
 * `code` is a literal in SCREAMING_SNAKE_CASE that callers may switch on; the class tells what the
 * caller may do (wait, repeat, reconcile, stop). Messages are constant sentences, values go to `fields`.
 */
export abstract class FleetError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;

  constructor(code: Code, message: string, options: FleetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

/** Returns `thrown` as an Error, whatever was thrown. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`a non-error was thrown: ${String(thrown)}`);
}
