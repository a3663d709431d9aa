import { readFile } from 'node:fs/promises';
import { FleetError } from '#pkg/base';

/** A private server did not start. The message ends with what it said last. */
export class ServerError extends FleetError<'SERVER_NOT_STARTED'> {
  constructor(message: string) {
    super('SERVER_NOT_STARTED', message);
  }
}

/** Returns the error for a server that did not start, with the end of its log. */
export async function explainFailedStart(name: string, logFile: string): Promise<ServerError> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const tail = log.trim().split('\n').slice(-6).join('\n  ');
  return new ServerError(`${name} did not start; the end of ${logFile}:\n  ${tail}`);
}
