import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { toError } from '#pkg/base';
import { cacheFolder, type ProgramsOptions } from './cache-folder.ts';
import { ProgramError } from './program-error.ts';
import { renameUnlessThere } from './rename-unless-there.ts';
import { runCommand } from './run-command.ts';
import { moduleHash, readZip, writeEntries } from './zip.ts';

/** What the newest of our go.mod files asks for. */
export const GO_VERSION = '1.26.8';

/** The toolchain as the module proxy has it, and the hash of its files that any proxy must give. */
const TOOLCHAINS: Readonly<Partial<Record<string, { platform: string; hash: string }>>> = {
  x64: { platform: 'linux-amd64', hash: 'h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM=' },
  arm64: { platform: 'linux-arm64', hash: 'h1:sYL/O6MqS68ML0kjsQ36WoYIpJqkw60TxizWUYUKQMc=' },
};

/** Returns the command of a Go that is new enough: the machine's, or one brought into the cache. Throws {@link ProgramError}. */
export async function ensureGo(options: ProgramsOptions): Promise<string> {
  const folder = join(
    cacheFolder(options.environment),
    'programs',
    `go-${GO_VERSION}-${process.arch}`,
  );
  const searched = (options.environment['PATH'] ?? '').split(delimiter);
  for (const bin of [...searched.filter((each) => each !== ''), join(folder, 'bin')]) {
    const command = join(bin, 'go');
    if (await isFittingGo(command, options)) return command;
  }
  try {
    await bringGo(folder, options);
  } catch (error) {
    const { message, cause } = toError(error);
    // `fetch failed` alone tells nobody why.
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new ProgramError(
      `Go ${GO_VERSION} cannot be brought (${reason}): install Go ${GO_VERSION} or newer so that go is on PATH`,
      error,
    );
  }
  return join(folder, 'bin/go');
}

async function isFittingGo(command: string, options: ProgramsOptions): Promise<boolean> {
  const environment = { ...options.environment, GOTOOLCHAIN: 'local' };
  const { status, stdout } = await runCommand(command, ['env', 'GOVERSION'], { environment });
  return status === 0 && isNewEnough(stdout.trim());
}

async function bringGo(folder: string, options: ProgramsOptions): Promise<void> {
  const toolchain = process.platform === 'linux' ? TOOLCHAINS[process.arch] : undefined;
  if (toolchain === undefined) {
    throw new Error(`none is known for ${process.platform} on ${process.arch}`);
  }
  const module = `v0.0.1-go${GO_VERSION}.${toolchain.platform}`;
  options.report(`Go ${GO_VERSION} is not here: fetching it from the module proxy, 70 MB`);
  const url = `${proxyOf(options.environment['GOPROXY'])}/golang.org/toolchain/@v/${module}.zip`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const entries = readZip(Buffer.from(await response.arrayBuffer()));
  const hash = moduleHash(entries);
  if (hash !== toolchain.hash) throw new Error(`${url} is ${hash} and must be ${toolchain.hash}`);
  const staging = `${folder}.${randomUUID()}`;
  try {
    await writeEntries(entries, `golang.org/toolchain@${module}/`, staging);
    await renameUnlessThere(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  options.report(`Go ${GO_VERSION} is unpacked in ${folder}`);
}

/** The first of GOPROXY that is a proxy. */
function proxyOf(setting: string | undefined): string {
  const proxies = (setting ?? '').split(/[,|]/).filter((each) => each.startsWith('http'));
  return (proxies[0] ?? 'https://proxy.golang.org').replace(/\/$/, '');
}

/** Tells whether `go1.26.8` and the like is at least {@link GO_VERSION}. */
export function isNewEnough(version: string): boolean {
  const parts = (text: string): number[] => text.replace(/^go/, '').split('.').map(Number);
  const [wanted, found] = [parts(GO_VERSION), parts(version)];
  for (const [index, least] of wanted.entries()) {
    const have = found[index] ?? 0;
    if (have !== least) return have > least;
  }
  return true;
}
