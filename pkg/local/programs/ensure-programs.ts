import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createFreshAptSource,
  findMachineAptSource,
  type AptSource,
  type AptSourceOptions,
} from './apt-source.ts';
import { ensureBuiltPrograms } from './build-programs.ts';
import { cacheFolder, type ProgramsOptions } from './cache-folder.ts';
import { isBuilt } from './go-recipes.ts';
import { ProgramError } from './program-error.ts';
import {
  findLibraryFolders,
  findMachineProgram,
  firstExisting,
  isFitting,
  programOf,
  readUnpackedProgram,
  readVersion,
  type Program,
  type ProgramName,
  type ProgramRecord,
} from './program.ts';
import {
  explainByHand,
  findRelease,
  RECIPES,
  type PackagedProgramName,
  type Recipe,
} from './recipes.ts';
import { renameUnlessThere } from './rename-unless-there.ts';
import { lastLines, runCommand } from './run-command.ts';

/**
 * Returns the named programs, each found on the machine, found in the cache, or unpacked into the cache from the
 * distribution's packages (those of Kubernetes: built from Go modules): no root, no service started, nothing installed.
 * Throws {@link ProgramError}.
 *
 * Safe side by side: each caller unpacks into a folder of its own, and the first to rename it wins.
 */
export async function ensurePrograms<Name extends ProgramName>(
  names: readonly Name[],
  options: ProgramsOptions,
): Promise<Readonly<Record<Name, Program>>> {
  const found: Partial<Record<ProgramName, Program>> = await ensureBuiltPrograms(
    names.flatMap((name) => (isBuilt(name) ? [name] : [])),
    options,
  );
  for (const name of names) {
    if (isBuilt(name)) continue;
    found[name] = (await findProgram(name, options)) ?? (await unpackProgram(name, options));
  }
  return found as Record<Name, Program>;
}

/** Returns the program when it is there already, on the machine or in the cache. */
async function findProgram(
  name: PackagedProgramName,
  options: ProgramsOptions,
): Promise<Program | undefined> {
  return (
    (await readUnpackedProgram(name, await folderOf(name, options))) ??
    (await findMachineProgram(name, options.environment['PATH'] ?? ''))
  );
}

async function folderOf(name: PackagedProgramName, options: ProgramsOptions): Promise<string> {
  const release = findRelease(await readOsRelease());
  const system = release === undefined ? 'other' : `${release.id}-${release.version}`;
  return join(cacheFolder(options.environment), 'programs', `${name}-${system}-${process.arch}`);
}

async function readOsRelease(): Promise<string> {
  return readFile('/etc/os-release', 'utf8').catch(() => '');
}

async function unpackProgram(
  name: PackagedProgramName,
  options: ProgramsOptions,
): Promise<Program> {
  const release = findRelease(await readOsRelease());
  if (release === undefined || release.lacks[name] !== undefined) {
    throw new ProgramError(explainByHand(name, release));
  }
  const recipe = RECIPES[name];
  const target = await folderOf(name, options);
  const staging = `${target}.${randomUUID()}`;
  try {
    await mkdir(join(staging, 'tree'), { recursive: true }).catch((error: unknown) => {
      throw new ProgramError(
        `the cache folder ${cacheFolder(options.environment)} cannot be written: set KRAITE_CACHE to one that can`,
        error,
      );
    });
    const packages = await fetchPackages(name, recipe, staging, options);
    const record = await unpackInto(join(staging, 'tree'), recipe, name, packages);
    await writeFile(join(staging, 'tree/program.json'), `${JSON.stringify(record)}\n`);
    await renameUnlessThere(join(staging, 'tree'), target);
    options.report(`${name} ${record.version} is unpacked in ${target}`);
    return programOf(name, target, record);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new ProgramError(`${name}: ${error.message}\n${recipe.byHand}`, error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function fetchPackages(
  name: PackagedProgramName,
  recipe: Recipe,
  staging: string,
  options: ProgramsOptions,
): Promise<readonly string[]> {
  options.report(
    `${name} is not here yet: fetching it from this system's package archive, at most about ${recipe.aboutMegabytes} MB ` +
      `(package lists may add 10 MB), ${recipe.aboutSeconds} s; nothing is installed`,
  );
  const archives = join(staging, 'archives');
  const fetchFrom = async (source: AptSource): Promise<readonly string[]> => {
    const files = await source.plan(recipe.packages);
    const megabytes = files.reduce((sum, file) => sum + file.bytes, 0) / 1e6;
    options.report(`${name}: ${files.length} packages, ${megabytes.toFixed(1)} MB`);
    return source.download(recipe.packages, archives);
  };
  const base: AptSourceOptions = {
    folder: join(staging, 'apt'),
    installed: recipe.closure === 'machine' ? 'machine' : 'nothing',
  };
  if (recipe.suite === undefined) {
    const machine = await findMachineAptSource(base);
    // Old lists name files that the archive has since replaced: then fresh ones are worth their 10 MB.
    const files = machine === undefined ? [] : await fetchFrom(machine).catch(() => []);
    if (files.length > 0) return files;
  }
  const suite = recipe.suite === undefined ? {} : { suite: recipe.suite };
  return fetchFrom(await createFreshAptSource({ ...base, ...suite }));
}

async function unpackInto(
  tree: string,
  recipe: Recipe,
  name: PackagedProgramName,
  packages: readonly string[],
): Promise<ProgramRecord> {
  if (recipe.closure === 'whole') {
    // Newer suites ship only usr/…; older paths such as lib64/ld-linux must still lead there.
    for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
      await mkdir(join(tree, 'usr', folder), { recursive: true });
      await symlink(join('usr', folder), join(tree, folder));
    }
  }
  for (const file of packages) {
    const script =
      'dpkg-deb --fsys-tarfile "$1" | tar -C "$2" -xf - --keep-directory-symlink --no-same-owner ' +
      '--exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale';
    const result = await runCommand('sh', ['-c', script, 'unpack', file, tree]);
    if (result.status !== 0) throw new ProgramError(`cannot unpack:\n${lastLines(result.stderr)}`);
  }
  const found = await firstExisting(tree, recipe.executables);
  if (found === undefined) {
    throw new ProgramError(`the packages hold none of ${recipe.executables.join(', ')}`);
  }
  const executable = await underItsName(tree, recipe.executables[0] ?? found, found);
  const draft: ProgramRecord = {
    version: '0',
    executable,
    libraryFolders: await findLibraryFolders(tree),
    loader: recipe.closure === 'whole' ? await findLoader(tree) : null,
    ...(name === 'chromium' ? { files: await writeFontSettings(tree) } : {}),
    ...(name === 'iptables-nft' ? { files: await findMatchModules(tree) } : {}),
    ...(name === 'debootstrap' ? { files: { DEBOOTSTRAP_DIR: 'usr/share/debootstrap' } } : {}),
  };
  const program = programOf(name, tree, draft);
  const version = await readVersion(name, program.command, program.environment);
  if (version === undefined) throw new ProgramError('the unpacked program does not run here');
  if (!isFitting(name, version)) {
    throw new ProgramError(
      `version ${version} is too old, ${recipe.versionMin.join('.')} is needed`,
    );
  }
  return { ...draft, version };
}

/** A browser without fonts draws nothing: the unpacked ones and the machine's, named relative to the file. */
async function writeFontSettings(tree: string): Promise<Readonly<Record<string, string>>> {
  const file = 'fonts.conf';
  const folders = '<dir prefix="relative">usr/share/fonts</dir><dir>/usr/share/fonts</dir>';
  const cache = '<cachedir prefix="xdg">fontconfig</cachedir>';
  const head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">';
  await writeFile(join(tree, file), `${head}\n<fontconfig>${folders}${cache}</fontconfig>\n`);
  return { FONTCONFIG_FILE: file };
}

/** Matches and targets of iptables are loaded from a folder that is fixed when it is built. */
async function findMatchModules(tree: string): Promise<Readonly<Record<string, string>>> {
  const folders = ['x86_64', 'aarch64'].map((machine) => `usr/lib/${machine}-linux-gnu/xtables`);
  const found = await firstExisting(tree, folders);
  if (found === undefined) throw new ProgramError('the packages hold no xtables modules');
  return { XTABLES_LIBDIR: found };
}

async function underItsName(tree: string, wanted: string, found: string): Promise<string> {
  const [wantedName, foundName] = [wanted, found].map((path) => path.split('/').at(-1) ?? path);
  if (found === wanted || foundName !== 'redis-check-rdb') return found;
  await symlink(foundName, join(tree, wanted));
  return wantedName === undefined ? found : wanted;
}

async function findLoader(tree: string): Promise<string> {
  const loader = await firstExisting(tree, [
    'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
    'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
  ]);
  if (loader === undefined) throw new ProgramError('the packages hold no loader for this machine');
  return loader;
}
