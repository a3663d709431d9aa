import { randomUUID } from 'node:crypto';
import {
  access,
  constants,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { createSystemClock } from '#pkg/base';
import { LocalError } from '../errors.ts';
import { takeStateLock, type StateLock } from '../state-lock.ts';
import { cacheFolder, type ProgramsOptions } from './cache-folder.ts';
import { GO_RECIPES, type BuiltProgramName, type GoRecipe } from './go-recipes.ts';
import { ensureGo } from './go-toolchain.ts';
import { ProgramError } from './program-error.ts';
import type { Program } from './program.ts';
import { lastLines, runCommand } from './run-command.ts';

const BY_HAND =
  'set KRAITE_KUBE_BIN to a folder that holds etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, ' +
  'helm and kwok (with kwok-stages.yaml)';

/**
 * Returns the named programs: those of Kubernetes from the folder KRAITE_KUBE_BIN where that is set; else from the cache,
 * else built into the cache from the Go modules that `go/` pins. Throws {@link ProgramError}.
 *
 * One process builds at a time; others wait for it. Go's own caches stand in the cache folder while it builds and are
 * removed when all is there; where GOMODCACHE or GOCACHE is set, that one is used and left alone.
 */
export async function ensureBuiltPrograms(
  names: readonly BuiltProgramName[],
  options: ProgramsOptions,
): Promise<Partial<Record<BuiltProgramName, Program>>> {
  const rootOf = (recipe: GoRecipe): string =>
    findGivenFolder(recipe, options) ?? folderOf(recipe, options);
  const missing = async (): Promise<readonly Build[]> => {
    const built = recipesOf(names).filter(
      (recipe) => findGivenFolder(recipe, options) === undefined,
    );
    const builds = await Promise.all(built.map((recipe) => lackingOf(recipe, names, options)));
    return builds.filter((build) => build.names.length > 0);
  };
  if ((await missing()).length > 0) {
    const lock = await takeBuildLock(options);
    try {
      await buildAll(await missing(), options);
    } finally {
      lock.release();
    }
  }
  const programs: Partial<Record<BuiltProgramName, Program>> = {};
  for (const recipe of recipesOf(names)) {
    const root = rootOf(recipe);
    for (const name of names.filter((each) => recipe.packages[each] !== undefined)) {
      const executable = join(root, name);
      if (!(await isExecutable(executable))) {
        throw new ProgramError(`${name} is not in ${root}: ${BY_HAND}, or leave it unset`);
      }
      const { version } = recipe;
      programs[name] = { name, version, root, command: [executable], environment: {} };
    }
  }
  return programs;
}

function recipesOf(names: readonly BuiltProgramName[]): readonly GoRecipe[] {
  return GO_RECIPES.filter((recipe) => names.some((name) => recipe.packages[name] !== undefined));
}

/** Returns the folder in which the person keeps the programs of Kubernetes, where the recipe is one of them. */
function findGivenFolder(recipe: GoRecipe, options: ProgramsOptions): string | undefined {
  const given = options.environment['KRAITE_KUBE_BIN'];
  return given === undefined || given === '' || recipe.isAlwaysBuilt === true ? undefined : given;
}

function folderOf(recipe: GoRecipe, options: ProgramsOptions): string {
  const name = `${recipe.module}-${recipe.version}-${process.arch}`;
  return join(cacheFolder(options.environment), 'programs', name);
}

/** Programs of one module that are wanted and not there yet. */
interface Build {
  readonly recipe: GoRecipe;
  readonly names: readonly BuiltProgramName[];
}

async function lackingOf(
  recipe: GoRecipe,
  names: readonly BuiltProgramName[],
  options: ProgramsOptions,
): Promise<Build> {
  const folder = folderOf(recipe, options);
  const wanted = names.filter((name) => recipe.packages[name] !== undefined);
  const isThere = await Promise.all(wanted.map((name) => isExecutable(join(folder, name))));
  return { recipe, names: wanted.filter((_, index) => isThere[index] !== true) };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function takeBuildLock(options: ProgramsOptions): Promise<StateLock> {
  const folder = join(cacheFolder(options.environment), 'programs');
  await mkdir(folder, { recursive: true });
  const clock = createSystemClock();
  for (let isTold = false; ; isTold = true) {
    try {
      return takeStateLock(join(folder, 'build.lock'), { howToStop: 'waiting for it' });
    } catch (error) {
      if (!(error instanceof LocalError) || error.code !== 'STATE_LOCKED') throw error;
      if (!isTold) options.report('another process is building the programs: waiting for it');
      await clock.sleep(1_000);
    }
  }
}

async function buildAll(builds: readonly Build[], options: ProgramsOptions): Promise<void> {
  if (builds.length === 0) return;
  const names = builds.map(({ recipe }) => `${recipe.module} ${recipe.version}`).join(', ');
  const seconds = builds.reduce((sum, { recipe }) => sum + recipe.aboutSeconds, 0);
  options.report(
    `building ${names} from Go modules, once: about ${Math.ceil(seconds / 60)} min on two cores ` +
      '(and several GB in the cache folder while it builds)',
  );
  const caches = join(cacheFolder(options.environment), 'go');
  try {
    const go = await ensureGo(options);
    const environment: Record<string, string | undefined> = {
      ...options.environment,
      GOMODCACHE: options.environment['GOMODCACHE'] ?? join(caches, 'modules'),
      GOCACHE: options.environment['GOCACHE'] ?? join(caches, 'build'),
      GOFLAGS: '-mod=readonly -trimpath -buildvcs=false -modcacherw',
      GOTOOLCHAIN: 'local',
      GOWORK: 'off',
      CGO_ENABLED: '0',
    };
    for (const build of builds) await buildModule(build, { go, environment }, options);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new ProgramError(`${error.message}\n${BY_HAND}`, error);
  }
  await rm(caches, { recursive: true, force: true });
}

async function buildModule(
  { recipe, names }: Build,
  { go, environment }: { go: string; environment: Record<string, string | undefined> },
  options: ProgramsOptions,
): Promise<void> {
  const clock = createSystemClock();
  const source = join(import.meta.dirname, 'go', recipe.module);
  const target = folderOf(recipe, options);
  const staging = `${target}.${randomUUID()}`;
  const runIn = async (folder: string, args: readonly string[]): Promise<string> => {
    const result = await runCommand(go, args, { environment, folder });
    if (result.status === 0) return result.stdout.trim();
    throw new ProgramError(`${recipe.module} cannot be built:\n${lastLines(result.stderr)}`);
  };
  const folderOfModule = (module: string): Promise<string> =>
    runIn(source, ['list', '-m', '-f', '{{.Dir}}', module]);
  try {
    await mkdir(join(staging, 'source'), { recursive: true });
    await mkdir(join(staging, 'made'));
    const folder = await prepareSource(recipe, source, { staging, folderOfModule });
    const variables = Object.entries(recipe.variables).map(([key, value]) => ` -X ${key}=${value}`);
    const flags = [
      `-ldflags=-s -w${variables.join('')}`,
      ...(recipe.tags === undefined ? [] : [`-tags=${recipe.tags}`]),
    ];
    for (const name of names) {
      const startedMs = clock.monotonicMs();
      options.report(`${name} ${recipe.version}: building`);
      const path = recipe.packages[name] ?? '.';
      await runIn(folder, ['build', ...flags, '-o', join(staging, 'made', name), path]);
      const seconds = Math.round((clock.monotonicMs() - startedMs) / 1000);
      options.report(`${name} ${recipe.version}: built in ${seconds} s`);
    }
    if (recipe.joined !== undefined) {
      const { file, ofModule, parts } = recipe.joined;
      const dir = await folderOfModule(ofModule);
      const texts = await Promise.all(parts.map((part) => readFile(join(dir, part), 'utf8')));
      await writeFile(join(staging, 'made', file), texts.map((text) => `---\n${text}`).join('\n'));
    }
    await mkdir(target, { recursive: true });
    for (const made of await readdir(join(staging, 'made'))) {
      await rename(join(staging, 'made', made), join(target, made));
    }
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Returns the folder in which `go build` runs: ours beside this file, or a copy that also has the module's `main.go`. */
async function prepareSource(
  { mainWithout }: GoRecipe,
  source: string,
  place: {
    readonly staging: string;
    readonly folderOfModule: (module: string) => Promise<string>;
  },
): Promise<string> {
  if (mainWithout === undefined) return source;
  const folder = join(place.staging, 'source');
  for (const file of ['go.mod', 'go.sum']) await copyFile(join(source, file), join(folder, file));
  const whole = await readFile(
    join(await place.folderOfModule(mainWithout.ofModule), 'main.go'),
    'utf8',
  );
  const lines = whole.split('\n');
  const kept = lines.filter(
    (line) => !mainWithout.imports.some((each) => line.includes(`"${each}"`)),
  );
  await writeFile(join(folder, 'main.go'), kept.join('\n'));
  return folder;
}
