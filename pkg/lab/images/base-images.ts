import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrograms } from '#pkg/local';
import { LabError } from '../lab-error.ts';
import { mustRun } from '../shell.ts';
import type { Buildah, BuildPlace } from './buildah.ts';

/** What builds the packages; the base images of the Dockerfile bring one like it. */
const NPM = '11.21.2';
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

export interface BaseImages {
  readonly base: string;
  readonly builder: string;
}

/** Makes the two images that the Dockerfile stands on, unless they are there: this distribution, and it with npm. */
export async function ensureBaseImages(buildah: Buildah, place: BuildPlace): Promise<BaseImages> {
  const codename = await readCodename();
  const authorities = await readFile(AUTHORITIES);
  const trust = createHash('sha256').update(authorities).digest('hex').slice(0, 8);
  const images = {
    base: `localhost/kraite-base:${codename}`,
    builder: `localhost/kraite-builder:${codename}-npm${NPM}-${trust}`,
  };
  const folder = await mkdtemp(join(tmpdir(), 'kraite-base-'));
  try {
    if ((await buildah.findImage(images.base)) === undefined) {
      const tree = await makeSystem(join(folder, 'system'), codename, place);
      await commit(buildah, images.base, 'scratch', tree, {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      });
    }
    if ((await buildah.findImage(images.builder)) === undefined) {
      const tree = await makeBuilder(join(folder, 'builder'), place);
      // What this machine trusts: its way to the packages may lead through a proxy of its own.
      await commit(buildah, images.builder, images.base, tree, {
        NODE_EXTRA_CA_CERTS: AUTHORITIES,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return images;
}

export async function readCodename(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(text)?.[1];
  if (codename === undefined) {
    throw new LabError('MACHINE_UNFIT', '/etc/os-release names no release to make a base image of');
  }
  return codename;
}

async function makeSystem(
  tree: string,
  codename: string,
  { environment, report }: BuildPlace,
): Promise<string> {
  const { debootstrap } = await ensurePrograms(['debootstrap'], {
    environment,
    report,
  });
  report(`making a base image of ${codename} by debootstrap (about 40 s, 80 MB) ...`);
  const archive = await mustRun(
    [
      'apt-get',
      'indextargets',
      '--format',
      '$(REPO_URI)',
      'Created-By: Packages',
      `Codename: ${codename}`,
    ],
    { environment },
  );
  const [mirror = ''] = archive.split('\n');
  await mustRun([...debootstrap.command, '--variant=minbase', codename, tree, mirror], {
    environment: { ...environment, ...debootstrap.environment },
  });
  await rm(join(tree, 'var/cache/apt/archives'), { recursive: true, force: true });
  return tree;
}

async function makeBuilder(tree: string, { environment }: BuildPlace): Promise<string> {
  const local = join(tree, 'usr/local');
  const modules = join(local, 'lib/node_modules');
  await mkdir(join(local, 'bin'), { recursive: true });
  await mkdir(modules, { recursive: true });
  await mkdir(join(tree, 'etc/ssl/certs'), { recursive: true });
  await copyFile(await realpath(process.execPath), join(local, 'bin/node'));
  await copyFile(AUTHORITIES, join(tree, AUTHORITIES));
  await mustRun(['npm', 'pack', `npm@${NPM}`, '--pack-destination', tree], { environment });
  const archive = join(tree, `npm-${NPM}.tgz`);
  await mustRun(['tar', '-C', modules, '-xzf', archive, '--transform=s/^package/npm/'], {
    environment,
  });
  await rm(archive);
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
  return tree;
}

async function commit(
  buildah: Buildah,
  name: string,
  from: string,
  tree: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const container = (await buildah.call('from', '--pull-never', from)).trim();
  await buildah.call('add', '--quiet', container, tree, '/');
  const environment = Object.entries(variables).flatMap(([key, value]) => [
    '--env',
    `${key}=${value}`,
  ]);
  await buildah.call('config', ...environment, container);
  await buildah.call('commit', '--quiet', '--rm', container, name);
}
