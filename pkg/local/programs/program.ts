import { access, constants, lstat, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { BuiltProgramName } from './go-recipes.ts';
import { RECIPES, type PackagedProgramName } from './recipes.ts';
import { runCommand } from './run-command.ts';

/** Unpacked from the distribution's packages, or built from Go modules. */
export type ProgramName = PackagedProgramName | BuiltProgramName;

/** A program that can be started, from the machine or from the cache folder. */
export interface Program {
  readonly name: ProgramName;
  /** For example `10.11.19`. */
  readonly version: string;
  /** The tree it lives in: a folder of the cache, or `/`. */
  readonly root: string;
  /** The command and its first arguments; append the program's own. */
  readonly command: readonly [string, ...string[]];
  /** Variables that the command needs beside the caller's. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What an unpacked tree says of itself, in `program.json`. */
export interface ProgramRecord {
  readonly version: string;
  readonly executable: string;
  readonly libraryFolders: readonly string[];
  readonly loader: string | null;
  /** Variables that name a file of the tree, relative to it. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Returns the program described by `record` in the tree at `root`. */
export function programOf(name: PackagedProgramName, root: string, record: ProgramRecord): Program {
  const executable = join(root, record.executable);
  const libraries = record.libraryFolders.map((folder) => join(root, folder)).join(delimiter);
  const files = Object.entries(record.files ?? {}).map(([key, file]) => [key, join(root, file)]);
  const environment: Record<string, string> = Object.fromEntries(files) as Record<string, string>;
  if (record.loader !== null) {
    const command = [join(root, record.loader), '--library-path', libraries, executable] as const;
    return { name, version: record.version, root, command: [...command], environment };
  }
  if (libraries !== '') environment['LD_LIBRARY_PATH'] = libraries;
  return { name, version: record.version, root, command: [executable], environment };
}

/** Returns the unpacked program at `root`, or undefined when there is none. */
export async function readUnpackedProgram(
  name: PackagedProgramName,
  root: string,
): Promise<Program | undefined> {
  try {
    const record = JSON.parse(await readFile(join(root, 'program.json'), 'utf8')) as ProgramRecord;
    return programOf(name, root, record);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const ON_PATH: Readonly<Record<PackagedProgramName, readonly string[]>> = {
  mariadb: ['mariadbd'],
  redis: ['redis-server'],
  mysql: [],
  chromium: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  nft: ['nft'],
  ip: ['ip'],
  conntrack: ['conntrack'],
  'iptables-nft': ['iptables-nft'],
  promtool: ['promtool'],
  prometheus: ['prometheus'],
  buildah: ['buildah'],
  runc: ['runc'],
  debootstrap: ['debootstrap'],
};

/** Returns the machine's own program when it is on the search path in a fitting version. */
export async function findMachineProgram(
  name: PackagedProgramName,
  searchPath: string,
): Promise<Program | undefined> {
  const folders = [...searchPath.split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const executable of ON_PATH[name]) {
    for (const folder of new Set(folders.filter((each) => each.startsWith('/')))) {
      const path = join(folder, executable);
      if (!(await isExecutable(path))) continue;
      const version = await readVersion(name, [path], {});
      if (version === undefined || !isFitting(name, version)) continue;
      return { name, version, root: '/', command: [path], environment: {} };
    }
  }
  return undefined;
}

/** Returns the version that the command reports, or undefined when it does not run. */
export async function readVersion(
  name: PackagedProgramName,
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const [file, ...first] = command;
  const result = await runCommand(file, [...first, RECIPES[name].versionFlag ?? '--version'], {
    environment,
  });
  return result.status === 0
    ? /(?:\bVer |\bversion |\bv=?|\bChrom\w+ |\biproute2-|\bdebootstrap )(\d+\.\d+(?:\.\d+)*)/.exec(
        result.stdout,
      )?.[1]
    : undefined;
}

/** Tells whether `version` is new enough for the fleet. */
export function isFitting(name: PackagedProgramName, version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = RECIPES[name].versionMin;
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/** Returns the first of `candidates` that exists below `root`, relative to it. */
export async function firstExisting(
  root: string,
  candidates: readonly string[],
): Promise<string | undefined> {
  for (const candidate of candidates) {
    const exists = await access(join(root, candidate)).then(
      () => true,
      () => false,
    );
    if (exists) return candidate;
  }
  return undefined;
}

/** Returns the folders below `root` that hold shared libraries, relative to it. */
export async function findLibraryFolders(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    if (entries.some((entry) => !entry.isDirectory() && /\.so(\.\d+)*$/.test(entry.name))) {
      found.push(folder);
    }
    if (depth === 0) return;
    for (const entry of entries) {
      if (entry.isDirectory()) await visit(join(folder, entry.name), depth - 1);
    }
  };
  for (const top of ['usr/lib', 'lib']) {
    const status = await lstat(join(root, top)).catch(() => undefined);
    if (status?.isDirectory() === true) await visit(top, 2);
  }
  return found.filter((folder) => !folder.endsWith('/plugin'));
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
