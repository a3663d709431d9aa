import { FleetError } from '#pkg/base';

/** The process was told something unusable. The message lists every mistake; the process exits with 2. */
export class ConfigError extends FleetError<'CONFIG_INVALID'> {
  constructor(mistakes: readonly string[]) {
    super(
      'CONFIG_INVALID',
      `unusable configuration:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
    );
  }
}
