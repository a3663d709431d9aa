import { FleetError } from '#pkg/base';

/** A program that is needed is not there and cannot be brought. The message says what to do. */
export class ProgramError extends FleetError<'PROGRAM_UNAVAILABLE'> {
  constructor(message: string, cause?: unknown) {
    super('PROGRAM_UNAVAILABLE', message, cause === undefined ? {} : { cause });
  }
}
