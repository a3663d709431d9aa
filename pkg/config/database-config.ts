import { ConfigError } from './config-error.ts';
import type { ProcessConfig } from './process-config.ts';
import { readEnvironment, type Environment } from './environment.ts';

/** What a tool that needs nothing but the database is told. */
export interface DatabaseConfig {
  readonly mysqlUrl: string;
  readonly runtime: ProcessConfig['runtime'];
  /** Whose rows these must be; undefined leaves the database unbound. */
  readonly fleetUid: string | undefined;
}

/** Reads KRAITE_MYSQL_URL (or its file) and KRAITE_FLEET_UID. Throws {@link ConfigError}. */
export function readDatabaseConfig(environment: Environment): DatabaseConfig {
  const reader = readEnvironment(environment);
  const url = reader.optionalSecret('MYSQL_URL', 'MYSQL_URL_FILE');
  const form = 'it looks like mysql://user:password@host:3306/kraite';
  if (url === undefined) reader.mistakes.push(`KRAITE_MYSQL_URL is not set; ${form}`);
  else if (url !== '' && !URL.canParse(url)) {
    reader.mistakes.push(`KRAITE_MYSQL_URL is not a URL; ${form}`);
  }
  const runtime = reader.choice('RUNTIME', ['local', 'cluster']);
  if (reader.mistakes.length > 0) throw new ConfigError(reader.mistakes);
  return { mysqlUrl: url ?? '', runtime, fleetUid: reader.optional('FLEET_UID') };
}
