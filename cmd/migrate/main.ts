/**
 * migrate: brings the schema of the database forward to this release; it makes the database if there is none.
 *
 * Reads KRAITE_MYSQL_URL. Safe to repeat and to run beside a running fleet of the release before. Exit codes:
 * 0 the schema is the one of this release, 1 it failed, 2 bad configuration or wrong use.
 */
import { createSystemClock, toError } from '#pkg/base';
import { ConfigError, readMysqlUrl } from '#pkg/config';
import { createSilentLogger } from '#pkg/observability';
import { describeStoreError, migrateServer } from '#pkg/store';

async function main(): Promise<number> {
  try {
    if (process.argv.length > 2) throw new ConfigError(['migrate takes no arguments']);
    const { applied } = await migrateServer({
      url: readMysqlUrl(process.env),
      clock: createSystemClock(),
      logger: createSilentLogger(),
    });
    const done = applied.length === 0 ? 'nothing to migrate' : `migrated: ${applied.join(', ')}`;
    process.stdout.write(`${done}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`migrate: ${describeStoreError(toError(error))}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

process.exitCode = await main();
