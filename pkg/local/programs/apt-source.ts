import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aptEntriesOf, type AptEntry } from './apt-entries.ts';
import { ProgramError } from './program-error.ts';
import { lastLines, runCommand } from './run-command.ts';

export interface PackageFile {
  readonly fileName: string;
  readonly bytes: number;
}

/** Where packages come from: lists and state of our own, so that neither root nor the machine's apt is needed. */
export interface AptSource {
  /** Returns the files that `packages` need, what the machine has left out. Throws {@link ProgramError}. */
  plan(packages: readonly string[]): Promise<readonly PackageFile[]>;
  /** Downloads them into `folder`. Throws {@link ProgramError}. */
  download(packages: readonly string[], folder: string): Promise<readonly string[]>;
}

export interface AptSourceOptions {
  /** Folder of our own for lists, cache and state. */
  readonly folder: string;
  /** `machine` counts what is installed as present; `nothing` takes the whole closure. */
  readonly installed: 'machine' | 'nothing';
}

const MACHINE_LISTS = '/var/lib/apt/lists';

/** Returns the source that uses the package lists which the machine already has, or undefined when it has none. */
export async function findMachineAptSource(
  options: AptSourceOptions,
): Promise<AptSource | undefined> {
  const lists = await readdir(MACHINE_LISTS).catch(() => []);
  if (!lists.some((name) => /_Packages(\.\w+)?$/.test(name))) return undefined;
  await mkdir(join(options.folder, 'cache/archives/partial'), { recursive: true });
  return createSource([...commonOptions(options)]);
}

/** Returns a source with fresh lists of its own, for `suite` or the machine's release. Reads the mirror from the machine's sources. */
export async function createFreshAptSource(
  options: AptSourceOptions & { readonly suite?: string },
): Promise<AptSource> {
  const { folder } = options;
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  const entries = await aptEntriesOf('/etc/apt', await readCodename());
  const chosen = options.suite === undefined ? entries : entriesOfSuite(entries, options.suite);
  if (chosen.length === 0) {
    throw new ProgramError(
      'the package sources under /etc/apt name no archive of this release, so nothing can be fetched',
    );
  }
  const list = join(folder, 'sources.list');
  await writeFile(list, `${chosen.map(formatEntry).join('\n')}\n`);
  const settings = [
    ...commonOptions(options),
    ...setting('Dir::Etc::sourcelist', list),
    ...setting('Dir::Etc::sourceparts', '-'),
    ...setting('Dir::Etc::preferencesparts', '-'),
    ...setting('Dir::State::lists', join(folder, 'lists')),
    ...setting('Acquire::Languages', 'none'),
    // A frozen mirror serves lists past their date; they are signed all the same, and only tests use a newer suite.
    ...(options.suite === undefined ? [] : setting('Acquire::Check-Valid-Until', 'false')),
  ];
  const update = await runCommand('apt-get', [...settings, '-qq', 'update']);
  if (update.status !== 0) {
    throw new ProgramError(`package lists cannot be fetched:\n${lastLines(update.stderr)}`);
  }
  return createSource(settings);
}

function createSource(settings: readonly string[]): AptSource {
  const install = async (
    extra: readonly string[],
    packages: readonly string[],
  ): Promise<string> => {
    const result = await runCommand('apt-get', [
      ...settings,
      '-qq',
      '-y',
      ...extra,
      'install',
      ...packages,
    ]);
    if (result.status !== 0) {
      throw new ProgramError(
        `apt-get cannot bring ${packages.join(', ')}:\n${lastLines(result.stderr)}`,
      );
    }
    return result.stdout;
  };
  return {
    plan: async (packages) => parseUris(await install(['--print-uris'], packages)),
    download: async (packages, folder) => {
      await mkdir(join(folder, 'partial'), { recursive: true });
      await install([...setting('Dir::Cache::archives', folder), '--download-only'], packages);
      const files = await readdir(folder);
      return files.filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
    },
  };
}

function parseUris(text: string): readonly PackageFile[] {
  return [...text.matchAll(/^'[^']+' (\S+) (\d+)/gm)].map(([, fileName = '', bytes = '0']) => ({
    fileName,
    bytes: Number(bytes),
  }));
}

function commonOptions(options: AptSourceOptions): readonly string[] {
  return [
    ...setting('Dir::Cache', join(options.folder, 'cache')),
    ...setting('Debug::NoLocking', '1'),
    ...setting('APT::Install-Recommends', '0'),
    ...setting('APT::Sandbox::User', 'root'),
    ...(options.installed === 'nothing'
      ? setting('Dir::State::status', join(options.folder, 'status'))
      : []),
  ];
}

function setting(name: string, value: string): readonly string[] {
  return ['-o', `${name}=${value}`];
}

function formatEntry(entry: AptEntry): string {
  const signed = entry.signedBy === undefined ? '' : `[signed-by=${entry.signedBy}] `;
  return `deb ${signed}${entry.uri} ${entry.suite} ${entry.components.join(' ')}`;
}

function entriesOfSuite(entries: readonly AptEntry[], suite: string): readonly AptEntry[] {
  const main = entries.find((entry) => !/[-/]/.test(entry.suite));
  return main === undefined ? [] : [{ ...main, suite, components: ['main'] }];
}

async function readCodename(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(text)?.[1] ?? '';
}
