import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrograms, type Program } from '#pkg/local';
import { cacheFolder } from '../../../pkg/local/programs/cache-folder.ts';
import { mustRun, type Variables } from './run.ts';

/** buildah on a store of its own below the cache folder. */
export interface Buildah {
  /** Runs `buildah VERB …` and returns what it printed. */
  call(verb: string, ...args: readonly string[]): Promise<string>;
  /** Arguments that a verb needs which runs steps. */
  readonly isolation: readonly string[];
  /** Returns the id of the image of that name. */
  findImage(name: string): Promise<string | undefined>;
}

export async function openBuildah(): Promise<Buildah> {
  const { buildah, containerd } = await ensurePrograms(['buildah', 'containerd'], {
    environment: process.env,
    report: (line) => void process.stderr.write(`${line}\n`),
  });
  const folder = join(cacheFolder(process.env), 'image-build');
  const policy = join(folder, 'policy.json');
  await mkdir(folder, { recursive: true });
  await writeFile(policy, '{ "default": [{ "type": "insecureAcceptAnything" }] }\n');
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run')];
  const environment: Variables = { ...process.env, ...buildah.environment };
  const takesPolicy = ['from', 'commit', 'bud', 'push'];
  const call = (verb: string, ...args: readonly string[]): Promise<string> => {
    const policyArguments = takesPolicy.includes(verb) ? ['--signature-policy', policy] : [];
    const own = [...store, '--storage-driver', 'overlay', verb, ...policyArguments];
    return mustRun([...buildah.command, ...own, ...args], environment);
  };
  return {
    call,
    // Of the machine's network: there is no other that leads to a package archive.
    isolation: ['--isolation', 'oci', '--runtime', besideOf(containerd, 'runc'), '--network=host'],
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

/** Path of a program that came with `program`, or its name where the machine has both. */
export function besideOf({ root }: Program, name: 'runc' | 'ctr'): string {
  if (root === '/') return name;
  return join(root, name === 'runc' ? 'usr/sbin' : 'usr/bin', name);
}
