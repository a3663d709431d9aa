import { join } from 'node:path';
import { ensureBaseImages } from './base-images.ts';
import { openBuildah } from './buildah.ts';
import { ROOT } from './run.ts';

export interface BuiltImage {
  readonly name: string;
  /** Of its configuration, as the OCI image format names them. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

const PACKAGES = 'localhost/kraite-packages:test';
const IMAGE = 'localhost/kraite:test';

/** Runs every step of the Dockerfile and writes the image to `archive`, as `docker save` would. */
export async function buildImage(archive: string, version: string): Promise<BuiltImage> {
  const buildah = await openBuildah();
  const { base, builder } = await ensureBaseImages(buildah);
  const common = [
    '--layers',
    '--pull-never',
    ...buildah.isolation,
    ...['--build-arg', `BASE=${base}`, '--build-arg', `BUILDER=${builder}`],
    ...['--build-arg', `VERSION=${version}`, '--build-arg', 'REVISION=test'],
    ...['--file', join(ROOT, 'Dockerfile'), '--ignorefile', join(ROOT, '.dockerignore')],
  ];
  // A name of its own keeps the packages for the next build.
  await buildah.call('bud', ...common, '--target', 'packages', '--tag', PACKAGES, ROOT);
  const before = await buildah.findImage(IMAGE);
  await buildah.call('bud', ...common, '--tag', IMAGE, ROOT);
  await buildah.call('push', '--quiet', IMAGE, `docker-archive:${archive}:${IMAGE}`);
  const after = await buildah.findImage(IMAGE);
  if (before !== undefined && before !== after) await buildah.call('rmi', before);
  const { OCIv1 } = JSON.parse(await buildah.call('inspect', '--type', 'image', IMAGE)) as {
    readonly OCIv1: {
      readonly config: {
        readonly User: string;
        readonly Labels: Readonly<Record<string, string>>;
      };
    };
  };
  return { name: IMAGE, user: OCIv1.config.User, labels: OCIv1.config.Labels };
}
