import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { mustRun } from '../shell.ts';

export interface ProgramImage {
  readonly name: string;
  /** Its one file, which also is what it starts. */
  readonly program: string;
  readonly executable: string;
}

const OCI = 'application/vnd.oci.image';

/** Writes an image of one program as an archive in the OCI layout, unless it is there. */
export async function writeImageArchive(image: ProgramImage, archive: string): Promise<void> {
  if (await stat(archive).catch(() => undefined)) return;
  await mkdir(dirname(archive), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'kraite-image-'));
  try {
    const [tree, layout] = [join(folder, 'tree'), join(folder, 'layout')];
    await mkdir(tree);
    await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
    await copyFile(image.executable, join(tree, image.program));
    const layer = join(folder, 'layer.tar');
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
    await mustRun(['tar', '-C', tree, ...owner, '-cf', layer, image.program]);
    const digest = await digestOf(layer);
    const { size } = await stat(layer);
    await rename(layer, blobOf(layout, digest));
    const config = await putJson(layout, {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: [`/${image.program}`] },
      rootfs: { type: 'layers', diff_ids: [digest] },
    });
    const manifest = await putJson(layout, {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: { mediaType: `${OCI}.config.v1+json`, ...config },
      layers: [{ mediaType: `${OCI}.layer.v1.tar`, digest, size }],
    });
    await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    const annotations = { 'io.containerd.image.name': image.name };
    const entry = { mediaType: `${OCI}.manifest.v1+json`, ...manifest, annotations };
    await writeFile(
      join(layout, 'index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [entry] }),
    );
    const whole = join(folder, 'whole.tar');
    await mustRun(['tar', '-C', layout, '-cf', whole, 'oci-layout', 'index.json', 'blobs']);
    await copyFile(whole, `${archive}.part`);
    await rename(`${archive}.part`, archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function blobOf(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

async function putJson(
  layout: string,
  value: unknown,
): Promise<{ readonly digest: string; readonly size: number }> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await writeFile(blobOf(layout, digest), bytes);
  return { digest, size: bytes.length };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
