/**
 * migrate: brings the schema of the database forward to this release; it makes the database if there is none.
 *
 * Reads KRAITE_MYSQL_URL, and KRAITE_FLEET_UID where the database is to be bound to a fleet. Safe to repeat and to run
 * beside a running fleet of the release before. Exit codes: 0 the schema is the one of this release and the rows are
 * this fleet's, 1 it failed, 2 bad configuration or wrong use.
 */
import { runMigrate } from '#pkg/compose';

if (process.argv.length > 2) {
  process.stderr.write('migrate: takes no arguments; it reads KRAITE_MYSQL_URL\n');
  process.exitCode = 2;
} else {
  process.exitCode = await runMigrate({
    environment: process.env,
    writeOut: (line) => process.stdout.write(`${line}\n`),
    writeError: (line) => process.stderr.write(`${line}\n`),
  });
}
