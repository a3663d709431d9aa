import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { replaceFile, replaceJson } from './json-file.ts';
import type { ProcessStatus } from './status.ts';

const LOOPBACK = '127.0.0.1';
/** Shorter than in a cluster: a person who looks at a fleet on their own machine looks for minutes. */
const SCRAPE_SECONDS = 5;
const RETENTION = '15d';

export interface ObserverPlace {
  /** `observe/` of the state folder. */
  readonly folder: string;
  /** Folder that holds `charts/`. */
  readonly installFolder: string;
  readonly port: number;
}

/** Returns the arguments of Prometheus, after its configuration was written. */
export function prometheusArguments({
  folder,
  installFolder,
  port,
}: ObserverPlace): readonly string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const rules = join(installFolder, 'charts', 'kraite-fleet', 'rules', '*.yaml');
  const lines = [
    'global:',
    `  scrape_interval: ${SCRAPE_SECONDS}s`,
    `  evaluation_interval: ${SCRAPE_SECONDS}s`,
    'rule_files:',
    `  - ${JSON.stringify(rules)}`,
    'scrape_configs:',
    '  - job_name: kraite',
    '    file_sd_configs:',
    `      - files: [${JSON.stringify(targetsFile(folder))}]`,
  ];
  const configuration = join(folder, 'prometheus.yml');
  replaceFile(configuration, `${lines.join('\n')}\n`);
  return [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--storage.tsdb.retention.time=${RETENTION}`,
    `--web.listen-address=${LOOPBACK}:${port}`,
    '--log.level=warn',
  ];
}

/**
 * Tells Prometheus where the processes of the fleet show their metrics now; it notices by itself.
 *
 * A process that is down has no address and is left out: its series end, as those of a lost pod do.
 */
export function writeTargets(
  folder: string,
  { fleet, processes }: { readonly fleet: string; readonly processes: readonly ProcessStatus[] },
): void {
  const targets = processes.flatMap(({ healthPort }) =>
    healthPort === undefined ? [] : [`${LOOPBACK}:${healthPort}`],
  );
  replaceJson(targetsFile(folder), [{ targets, labels: { fleet } }]);
}

function targetsFile(folder: string): string {
  return join(folder, 'targets.json');
}
