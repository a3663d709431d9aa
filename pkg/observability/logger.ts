import { pino } from 'pino';

import { writeLine } from './write-line.ts';

export type LogFields = Readonly<Record<string, unknown>>;

/** One line, one fact: a constant message and fields. Levels as in pino. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

const REDACTED = [
  'apiKey',
  'apiSecret',
  'secret',
  'password',
  'signature',
  'sealedSecret',
  'listenKey',
  '*.apiKey',
  '*.apiSecret',
  '*.secret',
  '*.password',
  '*.signature',
  '*.sealedSecret',
  '*.listenKey',
];

const STDOUT = {
  write: (line: string): void => {
    writeLine(1, line);
  },
};

/** Returns a logger that writes JSON lines to stdout; `err` fields keep their stack and cause. */
export function createLogger(
  name: string,
  options: { readonly level?: string; readonly fields?: LogFields } = {},
): Logger {
  const settings = {
    name,
    level: options.level ?? 'info',
    base: options.fields ?? {},
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: pino.stdSerializers.errWithCause },
  };
  return pino(settings, STDOUT);
}

/** Returns a logger that drops everything; for tests. */
export function createSilentLogger(): Logger {
  const silent: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    child: () => silent,
  };
  return silent;
}
