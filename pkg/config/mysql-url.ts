import { ConfigError } from './process-config.ts';

/** Reads KRAITE_MYSQL_URL for tools that need nothing but the database. Throws {@link ConfigError}. */
export function readMysqlUrl(environment: Readonly<Record<string, string | undefined>>): string {
  const url = environment['KRAITE_MYSQL_URL'] ?? '';
  const form = 'mysql://user:password@host:3306/kraite';
  if (url === '') throw new ConfigError([`KRAITE_MYSQL_URL is not set; it looks like ${form}`]);
  if (!URL.canParse(url)) {
    throw new ConfigError([`KRAITE_MYSQL_URL is not a URL; it looks like ${form}`]);
  }
  return url;
}
