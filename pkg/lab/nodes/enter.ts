import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSystemClock, required } from '#pkg/base';
import { LabError } from '../lab-error.ts';
import { netnsOf, paths } from '../paths.ts';
import type { Variables } from '../shell.ts';
import { bootScript } from './boot-script.ts';
import { entrancesOf, makeGroups, type Cgroups } from './cgroups.ts';

/** Enters the groups "$1" (one a line), then becomes the rest. */
const JOIN = `
for group in $1; do echo $$ > "$group/cgroup.procs"; done
shift
exec "$@"
`;

function joined(cgroups: Cgroups, name: string, command: readonly string[]): [string, ...string[]] {
  return ['sh', '-c', JOIN, 'join', entrancesOf(cgroups, name).join('\n'), ...command];
}

const BOOT_TIMEOUT_MS = 15_000;

/** Makes the namespaces and groups of a box and leaves one process that holds them. Its network namespace is there already. */
export async function bootNode(
  cgroups: Cgroups,
  name: string,
  hosts: string,
  environment: Variables,
): Promise<void> {
  const folder = paths.node(name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'hosts'), hosts);
  await makeGroups(cgroups, name);
  const unshare = ['unshare', '-m', '-u', '-C', '--propagation', 'private'];
  const boot = ['sh', '-c', bootScript(cgroups), 'boot', name, folder];
  const command = [`--net=/run/netns/${netnsOf(name)}`, ...unshare, ...boot];
  const pid = startDetached(joined(cgroups, name, ['nsenter', ...command]), {
    logFile: paths.log(name, 'boot'),
    environment,
  });
  await writeFile(pidFile(name, 'holder'), String(pid));
  const clock = createSystemClock();
  const untilMs = clock.monotonicMs() + BOOT_TIMEOUT_MS;
  while (!existsSync(`/proc/${pid}/root/run/booted`)) {
    if (!existsSync(`/proc/${pid}`) || clock.monotonicMs() > untilMs) {
      const said = readFileSync(paths.log(name, 'boot'), 'utf8').trim();
      throw new LabError('NOT_READY', `${name} does not boot: ${said}`);
    }
    await clock.sleep(20);
  }
}

/** Starts a program that keeps running in a box, and remembers its id. */
export async function startInNode(
  cgroups: Cgroups,
  name: string,
  daemon: { readonly name: string; readonly command: readonly string[] },
  environment: Variables,
): Promise<void> {
  const inside = insideOf(name, daemon.command);
  const pid = startDetached(joined(cgroups, name, inside), {
    logFile: paths.log(name, daemon.name),
    environment,
  });
  await writeFile(pidFile(name, daemon.name), String(pid));
}

/** Starts a program that keeps running in a place that is no box: a network namespace and a group, nothing else. */
export async function startInPlace(
  cgroups: Cgroups,
  place: string,
  daemon: { readonly name: string; readonly command: readonly string[] },
  options: { readonly environment: Variables; readonly folder?: string },
): Promise<void> {
  await mkdir(paths.node(place), { recursive: true });
  await makeGroups(cgroups, place);
  const pid = startDetached(
    joined(cgroups, place, ['nsenter', `--net=/run/netns/${netnsOf(place)}`, ...daemon.command]),
    { logFile: paths.log(place, daemon.name), ...options },
  );
  await writeFile(pidFile(place, daemon.name), String(pid));
}

/** Runs a command in a box, on the terminal of whoever asks; returns its exit code. */
export async function runInNode(
  cgroups: Cgroups,
  name: string,
  command: readonly string[],
  environment: Variables,
): Promise<number> {
  const isPlace = findHolder(name) === undefined;
  const inside = isPlace
    ? ['nsenter', `--net=/run/netns/${netnsOf(name)}`, ...command]
    : insideOf(name, command);
  const [file, ...args] = isPlace
    ? (inside as [string, ...string[]])
    : joined(cgroups, name, inside);
  const child = spawn(file, args, { stdio: 'inherit', env: environment });
  const [status] = (await once(child, 'close')) as [number | null];
  return status ?? 1;
}

function insideOf(name: string, command: readonly string[]): readonly string[] {
  const holder = required(findHolder(name), `${name} has a process that holds it`);
  return ['nsenter', '-t', String(holder), '-m', '-u', '-n', '-C', '--', ...command];
}

function pidFile(name: string, daemon: string): string {
  return join(paths.node(name), `${daemon}.pid`);
}

/** Returns the process that holds the namespaces of a box; undefined when the box is off, and for a place. */
export function findHolder(name: string): number | undefined {
  return findDaemon(name, 'holder');
}

/** Returns the id of a program that runs in a box. */
export function findDaemon(name: string, daemon: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(name, daemon), 'utf8'));
    return existsSync(`/proc/${pid}`) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the path by which this machine sees a file of a box that is on. */
export function fileOfNode(name: string, path: string): string {
  return join(`/proc/${required(findHolder(name), `${name} is on`)}/root`, path);
}

function startDetached(
  [file, ...args]: readonly [string, ...string[]],
  options: {
    readonly logFile: string;
    readonly environment: Variables;
    readonly folder?: string;
  },
): number {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: options.environment,
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
    });
    child.on('error', () => undefined);
    child.unref();
    return required(child.pid, `${file} was started`);
  } finally {
    closeSync(log);
  }
}
