import { openMysql, type MysqlOptions } from './database.ts';
import { parseMysqlUrl } from './mysql-address.ts';

/** Creates the database that `options.url` names, unless it is there; the login needs the right to do so. */
export async function createMysqlDatabase(options: MysqlOptions): Promise<void> {
  const name = parseMysqlUrl(options.url).database;
  const url = new URL(options.url);
  url.pathname = '/information_schema';
  const server = openMysql({ ...options, url: url.href, connectionLimit: 1 });
  try {
    await server.reserve({ deadlineMs: 5_000 }, (session) =>
      session.query(
        `CREATE DATABASE IF NOT EXISTS \`${name.replaceAll('`', '``')}\`
         CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
      ),
    );
  } finally {
    await server[Symbol.asyncDispose]();
  }
}
