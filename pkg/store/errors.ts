import { FleetError, type FleetErrorOptions } from '#pkg/base';

/**
 * The database did not answer, refused the login, is read-only, full or restarting. Nothing is known to be
 * committed; repeat later. `fields.problem` names what happened, `fields.advice` what a person may do.
 */
export class StoreUnavailableError extends FleetError<'STORE_UNAVAILABLE'> {
  constructor(options: FleetErrorOptions) {
    super('STORE_UNAVAILABLE', 'the database cannot be used now', options);
  }
}

/** A write broke a rule of the schema that the caller was to keep. */
export class StoreConflictError extends FleetError<'STORE_CONFLICT'> {
  constructor(options: FleetErrorOptions) {
    super('STORE_CONFLICT', 'the write breaks a rule of the schema', options);
  }
}

/**
 * The database's schema is older or newer than this release, or incomplete. The message says what to run;
 * repeating changes nothing.
 */
export class SchemaVersionError extends FleetError<'STORE_SCHEMA'> {
  constructor(options: FleetErrorOptions & { readonly advice: string }) {
    super(
      'STORE_SCHEMA',
      `the schema of the database is not the one of this release: ${options.advice}`,
      options,
    );
  }
}

/** Returns one sentence for a person: what happened, and what to do where that is known. */
export function describeStoreError(error: Error): string {
  if (!(error instanceof StoreUnavailableError)) return error.message;
  const { problem, advice } = error.fields;
  const cause = problem === undefined ? '' : ` (${problem})`;
  return `${error.message}${cause}${advice === undefined ? '' : `: ${advice}`}`;
}
