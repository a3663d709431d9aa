/** The command line. Everything it can do is in pkg/cli; here the process is handed over to it. */
import { resolve } from 'node:path';

import { createSystemClock } from '#pkg/base';
import { listenForInterrupt, readStartedAtMs, runKraite } from '#pkg/cli';

const clock = createSystemClock();
const installFolder = resolve(import.meta.dirname, '../..');
const exitCode = await runKraite(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  environment: process.env,
  workingDirectory: process.cwd(),
  installFolder,
  clock,
  invokedAs: process.env['KRAITE_INVOKED_AS'] ?? 'kraite',
  startedAtMs: readStartedAtMs(process.env['KRAITE_STARTED_AT_MS'], clock),
  interrupt: listenForInterrupt(process),
});
process.exit(exitCode);
