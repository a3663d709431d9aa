import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { planBoxFiles, renderUpgradePlans } from '#operator/k3s';
import type { KraiteFleet } from '#pkg/fleet-spec';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import type { K3sConfigOptions } from '../verbs/cluster-verbs.ts';
import { checkObjectFile, readObjectFile } from './object-file.ts';

/** `kraite k3s-config -f FILE`: 0 when everything was rendered, 1 when the object allows no such cluster. */
export function runK3sConfig(context: CliContext, options: K3sConfigOptions): number {
  const { box, folder, upgrade } = options;
  if (upgrade !== undefined && !/^v\d+\.\d+\.\d+\+k3s\d+$/.test(upgrade)) {
    throw new UsageError(`--upgrade: ${upgrade} is no release of k3s; write it like v1.36.3+k3s1`);
  }
  if (box === undefined && folder === undefined && upgrade === undefined) {
    throw new UsageError('name a box with --box, or a folder for the files of all with --folder');
  }
  const fleet = checkObjectFile(context, readObjectFile(context, options.filename));
  if (fleet === undefined) return EXIT_FAILED;
  if (upgrade !== undefined) {
    context.stdout.write(renderUpgradePlans(fleet, upgrade));
    return EXIT_OK;
  }
  const names = box === undefined ? fleet.spec.network.boxes.map(({ name }) => name) : [box];
  for (const name of names) {
    if (!renderBox(context, fleet, name, options)) return EXIT_FAILED;
  }
  return EXIT_OK;
}

function renderBox(
  context: CliContext,
  fleet: KraiteFleet,
  name: string,
  { privateInterface, join: joins, folder }: K3sConfigOptions,
): boolean {
  const plan = planBoxFiles(fleet, name, {
    privateInterface,
    ...(joins === undefined ? {} : { joins }),
  });
  if (plan.kind === 'refused') {
    writeLine(context.stderr, `kraite: ${plan.message}`);
    return false;
  }
  if (folder === undefined) {
    context.stdout.write(plan.files[0].text);
    return true;
  }
  for (const { path, text } of plan.files) {
    const target = join(resolve(context.workingDirectory, folder), name, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    writeLine(context.stdout, target);
  }
  return true;
}
