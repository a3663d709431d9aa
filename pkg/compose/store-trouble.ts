import type { Reason } from '#pkg/base';
import { SchemaVersionError, StoreUnavailableError } from '#pkg/store';

/** Returns the word for what keeps a process from the database. */
export function storeTrouble(error: Error): Reason {
  if (error instanceof SchemaVersionError) {
    return error.fields['unknown'] === undefined ? 'SchemaTooOld' : 'SchemaTooNew';
  }
  if (!(error instanceof StoreUnavailableError)) return 'DatabaseUnreachable';
  return error.fields['problem'] === 'AccessDenied'
    ? 'DatabaseRefusesLogin'
    : 'DatabaseUnreachable';
}

/** True for what waiting does not change: somebody must do something first. */
export function isRefusal(error: Error): boolean {
  return (
    !(error instanceof StoreUnavailableError) || storeTrouble(error) === 'DatabaseRefusesLogin'
  );
}
