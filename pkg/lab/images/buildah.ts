import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, ensurePrograms } from '#pkg/local';
import { mustRun, type Variables } from '../shell.ts';

/** What a build needs of whoever asks for it. */
export interface BuildPlace {
  /** The clone, where the Dockerfile is. */
  readonly root: string;
  readonly environment: Variables;
  readonly report: (line: string) => void;
}

/** buildah on a store of its own below the cache folder. */
export interface Buildah {
  /** Runs `buildah VERB …` and returns what it printed. */
  call(verb: string, ...args: readonly string[]): Promise<string>;
  /** Arguments that a verb needs which runs steps. */
  readonly isolation: readonly string[];
  /** Returns the id of the image of that name. */
  findImage(name: string): Promise<string | undefined>;
}

export async function openBuildah(place: BuildPlace): Promise<Buildah> {
  const { buildah, runc } = await ensurePrograms(['buildah', 'runc'], {
    environment: place.environment,
    report: place.report,
  });
  const folder = join(cacheFolder(place.environment), 'image-build');
  const policy = join(folder, 'policy.json');
  await mkdir(folder, { recursive: true });
  await writeFile(policy, '{ "default": [{ "type": "insecureAcceptAnything" }] }\n');
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run')];
  const environment: Variables = { ...place.environment, ...buildah.environment };
  const takesPolicy = ['from', 'commit', 'bud', 'push'];
  const call = (verb: string, ...args: readonly string[]): Promise<string> => {
    const policyArguments = takesPolicy.includes(verb) ? ['--signature-policy', policy] : [];
    const own = [...store, '--storage-driver', 'overlay', verb, ...policyArguments];
    return mustRun([...buildah.command, ...own, ...args], { environment });
  };
  return {
    call,
    // Of the machine's network: there is no other that leads to a package archive.
    isolation: ['--isolation', 'oci', '--runtime', runc.command[0], '--network=host'],
    findImage: async (name) => {
      const images = JSON.parse(await call('images', '--json')) as readonly {
        readonly id: string;
        /** null for an image whose name another one took. */
        readonly names?: readonly string[] | null;
      }[];
      return images.find(({ names }) => names?.includes(name) === true)?.id;
    },
  };
}
