import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '#pkg/base';
import { buildImage } from './images/build-image.ts';
import type { BuildPlace } from './images/buildah.ts';
import { buildServerImage, SERVER_IMAGES, type ServerImage } from './images/server-images.ts';
import { archivesFolderOf } from './images-folder.ts';
import { ctr, importImage, isOn } from './nodes/node-life.ts';
import type { LabNode } from './plan/lab-plan.ts';
import { SPARE } from './plan/lab-plan.ts';
import { openLab, type OpenLab } from './world.ts';

export interface LoadOptions extends BuildPlace {
  readonly clock: Clock;
  readonly version: string;
}

/** Boxes that take an image at a time: they share one disk. */
const AT_ONCE = 2;

/** Builds the image of this clone by its Dockerfile and brings it, with those of the two servers, to the boxes that run them. */
export async function loadImages(options: LoadOptions): Promise<void> {
  const { clock, report, version } = options;
  const lab = await openLab(options.environment);
  const folder = archivesFolderOf(options.environment);
  await mkdir(folder, { recursive: true });
  const startedMs = clock.monotonicMs();
  const say = (line: string): void => {
    const seconds = ((clock.monotonicMs() - startedMs) / 1000).toFixed(1);
    report(`${seconds.padStart(6)} s  ${line}`);
  };
  const core = lab.record.fleet.spec.core.box;
  for (const server of Object.keys(SERVER_IMAGES) as readonly ServerImage[]) {
    const archive = join(folder, `${server}.tar`);
    if (!(await isWritten(archive))) {
      await buildServerImage(server, `${archive}.part`, options);
      await finish(archive);
    }
    const nodes = lab.plan.nodes.filter(({ name }) => name === core || name === SPARE);
    await bring(lab, nodes, { name: SERVER_IMAGES[server], archive });
    say(`${SERVER_IMAGES[server]} is on ${nodes.map(({ name }) => name).join(', ')}`);
  }
  const name = `ghcr.io/kraite/kraite:${version}`;
  const archive = join(folder, 'kraite.tar');
  await rm(`${archive}.part`, { force: true });
  await buildImage({ ...options, archive: `${archive}.part`, name });
  await finish(archive);
  say(`${name} is built`);
  const nodes = lab.plan.nodes.filter((node) => node.name !== SPARE);
  await bring(lab, nodes, { name, archive });
  say(`${name} is on ${nodes.map((node) => node.name).join(', ')}`);
}

async function isWritten(archive: string): Promise<boolean> {
  return readFile(`${archive}.sha256`).then(
    () => true,
    () => false,
  );
}

async function finish(archive: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(`${archive}.part`), hash);
  await rename(`${archive}.part`, archive);
  await writeFile(`${archive}.sha256`, hash.digest('hex'));
}

/** A box that has this very archive already is left alone, by a note beside its images. */
async function bring(
  lab: OpenLab,
  nodes: readonly LabNode[],
  image: { readonly name: string; readonly archive: string },
): Promise<void> {
  const digest = await readFile(`${image.archive}.sha256`, 'utf8');
  const waiting = nodes.filter((node) => isOn(node));
  const take = async (): Promise<void> => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      const note = join(
        lab.imagesFolder,
        `${node.name}.${image.name.replaceAll(/[^a-z0-9.]/g, '-')}`,
      );
      if ((await readFile(note, 'utf8').catch(() => '')) === digest) continue;
      await ctr(lab, node, ['images', 'remove', image.name]);
      await importImage(lab, node, image);
      await writeFile(note, digest);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}
