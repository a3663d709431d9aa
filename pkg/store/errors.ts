import { FleetError, type FleetErrorOptions } from '#pkg/base';

/** The database did not answer, is read-only, full or restarting. Nothing is known to be committed; repeat later. */
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

/** The database's schema is older or newer than this release; run the migrations or the right release. */
export class SchemaVersionError extends FleetError<'STORE_SCHEMA'> {
  constructor(options: FleetErrorOptions) {
    super('STORE_SCHEMA', 'the schema of the database is not the one of this release', options);
  }
}
