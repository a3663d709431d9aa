import type { Clock } from '#pkg/base';
import type { LogFields, Logger } from '#pkg/observability';

/** Returns what makes the loggers of a traced seed: virtual time, process, message and fields, one line each. */
export function traceTo(write: (line: string) => void) {
  return (process: string, clock: Pick<Clock, 'monotonicMs'>): Logger =>
    loggerOf(write, process, clock, {});
}

function loggerOf(
  write: (line: string) => void,
  process: string,
  clock: Pick<Clock, 'monotonicMs'>,
  bound: LogFields,
): Logger {
  const log = (fields: LogFields, message: string): void => {
    const { err, ...rest } = { ...bound, ...fields };
    const error = err instanceof Error ? ` (${err.message})` : '';
    const time = clock.monotonicMs().toFixed(1).padStart(9);
    write(`${time} ${process.padEnd(8)} ${message}${error} ${JSON.stringify(rest)}`);
  };
  return {
    debug: log,
    info: log,
    warn: log,
    error: log,
    child: (fields) => loggerOf(write, process, clock, { ...bound, ...fields }),
  };
}
