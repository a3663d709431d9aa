import { resolve } from 'node:path';

import { createSystemRandom } from '#pkg/base';
import {
  defaultStateRoot,
  openStateFolder,
  runLocalFleet,
  type LocalFleetOptions,
} from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import type { Store } from '#pkg/store';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import type { UpOptions } from '../verbs/fleet-verbs.ts';
import { assertLiveAllowed, confirmLive } from './live-money.ts';
import { checkObjectFile, readObjectFile, type ObjectFile } from './object-file.ts';
import { typedCommand } from './state.ts';
import { createUpOutput, type UpOutput } from './up-output.ts';
import { readRelease } from './version.ts';

/** `kraite up`: runs the fleet in this process until it is ended. */
export async function runUp(context: CliContext, options: UpOptions): Promise<number> {
  if (options.fresh === true && options.mysql !== undefined) {
    throw new UsageError(
      '--fresh forgets a state folder, not a database that you brought; empty that one yourself, or leave out --mysql',
    );
  }
  const file = readObjectFile(context, options.filename);
  const fleet = checkObjectFile(context, file);
  if (fleet === undefined) return EXIT_FAILED;
  assertLiveAllowed(context, fleet, options.live === true);
  const output = createUpOutput(context, options.output);
  const local = localOptions(context, options, { file, fleet, output });
  try {
    const { summary } = await runLocalFleet(local, (running) => output.attach(running));
    output.end(summary);
    return options.for !== undefined && summary === undefined ? EXIT_FAILED : EXIT_OK;
  } catch (error) {
    output.end(undefined);
    throw error;
  }
}

interface UpParts {
  readonly file: ObjectFile;
  readonly fleet: LocalFleetOptions['fleet'];
  readonly output: UpOutput;
}

function localOptions(
  context: CliContext,
  options: UpOptions,
  { file, fleet, output }: UpParts,
): LocalFleetOptions {
  const root =
    options.state === undefined
      ? defaultStateRoot(context.workingDirectory)
      : resolve(context.workingDirectory, options.state);
  return {
    state: openStateFolder(root, {
      isFresh: options.fresh === true,
      seed: options.seed,
      howToStop: typedCommand(context, 'down', options.state ?? root),
    }),
    fleet,
    objectText: file.text,
    installFolder: context.installFolder,
    release: readRelease(context.installFolder),
    environment: context.environment,
    startedAtMs: context.startedAtMs,
    mysqlUrl: options.mysql,
    redisUrl: options.redis,
    webPort: options.webPort,
    isObserved: options.observe === true,
    durationMs: options.for,
    confirmLive: (accounts) => confirmLive(context, accounts),
    invokedAs: context.invokedAs,
    interrupt: context.interrupt,
    clock: context.clock,
    random: createSystemRandom(),
    logger: createSilentLogger(),
    onEvent: (event) => output.event(event),
    onNotice: (line) => writeLine(context.stderr, `kraite: ${line}`),
    onRows: (store) => showFirstPassword(store, output),
  };
}

/** The first start of a state makes the operator of the admin site; the password is shown once, here. */
async function showFirstPassword(store: Store, output: UpOutput): Promise<void> {
  if ((await store.users.count()) > 0) return;
  const { ensureFirstOperator } = await import('#pkg/web');
  const issued = await ensureFirstOperator(store, createSystemRandom());
  if (issued !== undefined) output.firstPassword(issued.name, issued.password);
}
