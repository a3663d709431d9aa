import { join } from 'node:path';
import { ensureBaseImages } from './base-images.ts';
import { openBuildah, type BuildPlace } from './buildah.ts';

export interface BuiltImage {
  readonly name: string;
  /** Of its configuration, as the OCI image format names them. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ImageOptions extends BuildPlace {
  /** File that gets the image. */
  readonly archive: string;
  readonly version: string;
  /** What it is called in the archive. */
  readonly name: string;
}

const PACKAGES = 'localhost/kraite-packages:test';

/** Runs every step of the Dockerfile and writes the image to `archive`, as `docker save` would. */
export async function buildImage(options: ImageOptions): Promise<BuiltImage> {
  const { archive, version, name, root } = options;
  const buildah = await openBuildah(options);
  const { base, builder } = await ensureBaseImages(buildah, options);
  const common = [
    '--layers',
    '--pull-never',
    ...buildah.isolation,
    ...['--build-arg', `BASE=${base}`, '--build-arg', `BUILDER=${builder}`],
    ...['--build-arg', `VERSION=${version}`, '--build-arg', 'REVISION=test'],
    ...['--file', join(root, 'Dockerfile'), '--ignorefile', join(root, '.dockerignore')],
  ];
  // A name of its own keeps the packages for the next build.
  await buildah.call('bud', ...common, '--target', 'packages', '--tag', PACKAGES, root);
  const before = await buildah.findImage(name);
  await buildah.call('bud', ...common, '--tag', name, root);
  await buildah.call('push', '--quiet', name, `docker-archive:${archive}:${name}`);
  const after = await buildah.findImage(name);
  if (before !== undefined && before !== after) await buildah.call('rmi', before);
  const { OCIv1 } = JSON.parse(await buildah.call('inspect', '--type', 'image', name)) as {
    readonly OCIv1: {
      readonly config: {
        readonly User: string;
        readonly Labels: Readonly<Record<string, string>>;
      };
    };
  };
  return { name, user: OCIv1.config.User, labels: OCIv1.config.Labels };
}
