import type { Reason } from '#pkg/base';
import { SchemaVersionError, StoreUnavailableError } from './errors.ts';

const WORDS: Readonly<Record<string, Reason>> = {
  AccessDenied: 'DatabaseRefusesLogin',
  DiskFull: 'DatabaseFull',
  ReadOnly: 'DatabaseReadOnly',
};

/** Returns the word for what keeps a process from the database. */
export function storeTrouble(error: Error): Reason {
  if (error instanceof SchemaVersionError) {
    return error.fields['unknown'] === undefined ? 'SchemaTooOld' : 'SchemaTooNew';
  }
  if (!(error instanceof StoreUnavailableError)) return 'DatabaseUnreachable';
  return WORDS[String(error.fields['problem'])] ?? 'DatabaseUnreachable';
}

/** True for what waiting does not change: somebody must do something first. */
export function isRefusal(error: Error): boolean {
  return (
    !(error instanceof StoreUnavailableError) || storeTrouble(error) === 'DatabaseRefusesLogin'
  );
}
