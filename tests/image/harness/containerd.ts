import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensurePrograms, startGuarded, type GuardedProcess } from '#pkg/local';
import { mustRun, run, type ToolResult, type Variables } from './run.ts';

/** A containerd of this test file, with a namespace, a store and a socket that nobody else uses. */
export interface Containerd extends AsyncDisposable {
  importImage(archive: string): Promise<void>;
  /** Runs a command in the image to its end, on a read-only root as the image's own user. */
  run(image: string, command: readonly string[]): Promise<ToolResult>;
  /** Starts a command in the image on the network of this machine. */
  start(image: string, command: readonly string[]): Promise<Task>;
}

export interface Task {
  /** Everything that it has written. */
  output(): Promise<string>;
  /** SIGTERM; returns how it ended. */
  stop(): Promise<number>;
}

export async function startContainerd(): Promise<Containerd> {
  const { containerd, ctr, runc } = await ensurePrograms(
    ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc'],
    {
      environment: process.env,
      report: (line) => void process.stderr.write(`${line}\n`),
    },
  );
  // A socket's path is at most 107 characters long.
  const folder = await mkdtemp(join(tmpdir(), 'kraite-ctd-'));
  const socket = join(folder, 's');
  await writeFile(join(folder, 'config.toml'), configOf(folder, socket));
  const folders = [dirname(containerd.command[0]), dirname(runc.command[0])];
  const environment: Variables = {
    ...process.env,
    ...runc.environment,
    PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter),
  };
  const guard = (command: readonly [string, ...string[]], logFile: string) =>
    startGuarded(command, { environment, folder, logFile, graceSeconds: 5 });
  const daemon = await guard(
    [...containerd.command, '--config', join(folder, 'config.toml')],
    join(folder, 'containerd.log'),
  );
  const client = [ctr.command[0], '--address', socket] as const;
  await untilItAnswers(client, environment, daemon, join(folder, 'containerd.log'));
  let count = 0;
  const runArguments = (image: string, command: readonly string[]) => {
    count += 1;
    return [
      ...client,
      'run',
      '--rm',
      '--read-only',
      '--net-host',
      image,
      `c${count}`,
      ...command,
    ] as const;
  };
  return {
    importImage: async (archive) => {
      await mustRun([...client, 'images', 'import', archive], environment);
    },
    run: (image, command) => run(runArguments(image, command), environment),
    start: async (image, command) => {
      const whole = runArguments(image, command);
      const name = `c${count}`;
      const logFile = join(folder, `${name}.log`);
      const guarded = await guard(whole, logFile);
      return {
        output: () => readFile(logFile, 'utf8').catch(() => ''),
        stop: async () => {
          await run([...client, 'tasks', 'kill', '--signal', 'SIGTERM', name], environment);
          return (await guarded.exited).status;
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf(folder: string, socket: string): string {
  return [
    'version = 2',
    `root = "${join(folder, 'root')}"`,
    `state = "${join(folder, 'state')}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `  address = "${socket}"`,
    '',
  ].join('\n');
}

const ATTEMPTS = 150;
const PAUSE_MS = 100;

async function untilItAnswers(
  client: readonly [string, ...string[]],
  environment: Variables,
  daemon: GuardedProcess,
  logFile: string,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { status } = await run([...client, 'version'], environment);
    if (status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await daemon.stop();
  throw new Error(
    `containerd does not answer:\n${await readFile(logFile, 'utf8').catch(() => '')}`,
  );
}
