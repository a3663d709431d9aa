import { StoreUnavailableError } from '../errors.ts';

/** Where the database is and who asks; in the words of mysql2. */
export interface MysqlAddress {
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const PORT_DEFAULT = 3306;

/**
 * Reads `mysql://user:password@host:port/database`, or with `?socketPath=/run/mysqld/mysqld.sock`.
 *
 * Throws StoreUnavailableError with a sentence of advice that never repeats the password.
 */
export function parseMysqlUrl(text: string): MysqlAddress {
  if (!URL.canParse(text)) throw unusable('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'mysql:' && url.protocol !== 'mariadb:') {
    throw unusable(`it starts with ${url.protocol}// instead of mysql://`);
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (!/^[A-Za-z0-9_$-]{1,64}$/.test(database)) {
    throw unusable('the database after the last slash is missing or no plain name');
  }
  const socketPath = url.searchParams.get('socketPath');
  const login = {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
  };
  if (socketPath !== null) return { ...login, socketPath };
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw unusable('the host is missing');
  return { ...login, host, port: url.port === '' ? PORT_DEFAULT : Number(url.port) };
}

function unusable(why: string): StoreUnavailableError {
  const advice = `KRAITE_MYSQL_URL: ${why}; it must look like mysql://user:password@host:3306/kraite`;
  return new StoreUnavailableError({ fields: { problem: 'UnusableUrl', advice } });
}
