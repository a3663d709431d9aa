import { Argument } from 'commander';

import { findClusterPlace, type ClusterOptions } from '../cluster/place.ts';
import { addClusterOptions, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface K3sConfigOptions {
  readonly filename: string;
  readonly box?: string;
  readonly privateInterface: string;
  readonly join?: string;
  readonly folder?: string;
  readonly upgrade?: string;
}

export interface ImagesOptions {
  readonly filename: string;
  readonly write?: true;
}

/** Adds the verbs that prepare a cluster for a fleet, and that only a fleet in one has. */
export function addClusterVerbs(registry: VerbRegistry): void {
  addK3sConfig(registry);
  addImages(registry);
  addRollback(registry);
}

function addK3sConfig({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('k3s-config')
    .summary('the k3s configuration of a box, from the KraiteFleet')
    .description(
      'Renders what makes a fresh machine one box of the fleet: config.yaml of k3s, the shutdown grace of its pods,\nkernel settings and host firewall. Prints config.yaml; with --folder it writes every file, of one box or of all.\nTokens and keys are named by file and never written.',
    )
    .requiredOption('-f, --filename <file>', 'the KraiteFleet')
    .option('--box <box>', 'name of the box; all of them when --folder is given')
    .option(
      '--private-interface <name>',
      'interface of the private network, as `ip -br address` names it',
      'enp7s0',
    )
    .option('--join <box>', 'server to join, for example when the first one is rebuilt')
    .option('--folder <dir>', 'write the files below this folder, one folder for each box')
    .option(
      '--upgrade <version>',
      'print instead the Plans of system-upgrade-controller for this k3s',
    );
  withExamples(verb, [
    ['k3s-config -f fleet.yaml --box eos > config.yaml', 'for /etc/rancher/k3s/config.yaml on eos'],
    ['k3s-config -f fleet.yaml --folder boxes', 'boxes/eos/etc/…: every file of every box'],
    ['k3s-config -f fleet.yaml --box athena --join tyche', 'athena comes back as a new machine'],
    ['k3s-config -f fleet.yaml --upgrade v1.36.3+k3s1', 'one box at a time, after its drain'],
  ]).action(async (options: K3sConfigOptions) => {
    const { runK3sConfig } = await import('../commands/k3s-config.ts');
    result.exitCode = runK3sConfig(context, options);
  });
}

function addImages({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('images')
    .summary('write the digests of a KraiteFleet’s images')
    .description(
      'pin asks each registry which digest a tag stands for, and prints the object with them: mysql:8.4.8@sha256:…\nWhen one registry gives none, nothing is printed or written. Who is signed in by docker or podman login is used.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['pin']))
    .requiredOption('-f, --filename <file>', 'the KraiteFleet')
    .option('--write', 'change the file instead of printing it');
  withExamples(verb, [
    ['images pin -f fleet.yaml > pinned.yaml', 'comments and order stay'],
    ['images pin -f fleet.yaml --write', 'after an upgrade: the digests of the new tags'],
  ]).action(async (_action: string, options: ImagesOptions) => {
    const { runImagesPin } = await import('../commands/images.ts');
    result.exitCode = await runImagesPin(context, options);
  });
}

function addRollback({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('rollback')
    .summary('go back to the spec by which a fleet in a cluster was Ready last')
    .description(
      'Writes the spec that the operator kept when the fleet was Ready last; boxes drain and change one by one, as in\nevery update. It is the object only: rows of the database never go back.',
    )
    .option('--dry-run', 'print what would change, and change nothing');
  withExamples(addClusterOptions(verb), [
    ['rollback --cluster --dry-run', 'what differs from the last good spec'],
    ['rollback -n kraite', 'after an update that stopped at its first box'],
  ]).action(async (options: ClusterOptions & { readonly dryRun?: true }) => {
    const { runClusterRollback } = await import('../cluster/rollback-cluster.ts');
    const place = findClusterPlace(context, options) ?? {};
    result.exitCode = await runClusterRollback(context, { ...options, place });
  });
}
