import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { EXIT_OK, writeLine, type CliContext } from '../context.ts';

/** `kraite version`. */
export function runVersion(context: CliContext): number {
  writeLine(context.stdout, `kraite ${readRelease(context.installFolder)}`);
  writeLine(context.stdout, `node ${process.versions.node}`);
  return EXIT_OK;
}

/** Returns the release that is installed. */
export function readRelease(installFolder: string): string {
  const text = readFileSync(join(installFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
