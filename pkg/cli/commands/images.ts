import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

import { imageOf } from '#operator/resources';
import { toError } from '#pkg/base';
import type { KraiteFleet } from '#pkg/fleet-spec';
import {
  createRegistryReader,
  pinnedName,
  readCredentials,
  RegistryError,
  type Credentials,
} from '#pkg/images';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import type { ImagesOptions } from '../verbs/cluster-verbs.ts';
import { checkObjectFile, readObjectFile } from './object-file.ts';

interface NamedImage {
  readonly path: readonly string[];
  readonly name: string;
}

/** `kraite images pin -f FILE`: 0 when every image has its digest, 1 when a registry gave none; then nothing changed. */
export async function runImagesPin(context: CliContext, options: ImagesOptions): Promise<number> {
  const file = readObjectFile(context, options.filename);
  const fleet = checkObjectFile(context, file);
  if (fleet === undefined) return EXIT_FAILED;
  const reader = createRegistryReader({
    fetch: globalThis.fetch,
    credentialsFor: (registry) => findCredentials(context, registry),
  });
  const document = parseDocument(file.text);
  let hasFailed = false;
  for (const { path, name } of imagesOf(fleet)) {
    try {
      const pinned = pinnedName(name, await reader.readDigest(name));
      document.setIn(path, pinned);
      writeLine(
        context.stderr,
        `${path.join('.')}: ${pinned === name ? 'stays' : 'is now'} ${pinned}`,
      );
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      hasFailed = true;
      writeLine(context.stderr, `kraite: ${error.message}`);
    }
  }
  if (hasFailed) {
    writeLine(context.stderr, `kraite: ${file.path} was not changed`);
    return EXIT_FAILED;
  }
  const text = document.toString({ lineWidth: 0 });
  if (options.write === true) writeFileSync(file.path, text);
  else context.stdout.write(text);
  return EXIT_OK;
}

/** Servers that somebody else runs have an image that nobody pulls. */
function imagesOf({ spec }: KraiteFleet): readonly NamedImage[] {
  const servers = (['mysql', 'redis'] as const).filter(
    (server) => spec.core[server].existing === null,
  );
  return [
    { path: ['spec', 'image'], name: imageOf({ spec }) },
    ...servers.map((server) => ({
      path: ['spec', 'core', server, 'image'],
      name: spec.core[server].image,
    })),
  ];
}

function findCredentials({ environment }: CliContext, registry: string): Credentials | undefined {
  const home = environment['HOME'] ?? '';
  const runtime = environment['XDG_RUNTIME_DIR'];
  const files = [
    environment['REGISTRY_AUTH_FILE'],
    join(environment['DOCKER_CONFIG'] ?? join(home, '.docker'), 'config.json'),
    runtime === undefined ? undefined : join(runtime, 'containers/auth.json'),
  ];
  for (const file of files) {
    const text = file === undefined ? undefined : readIfThere(file);
    if (text === undefined) continue;
    try {
      const found = readCredentials(text, registry);
      if (found !== undefined) return found;
    } catch (error) {
      throw new UsageError(`${file} cannot be read: ${toError(error).message}`);
    }
  }
  return undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Nobody has signed in with that tool.
    return undefined;
  }
}
