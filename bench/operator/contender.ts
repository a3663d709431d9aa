import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findFreePort } from '#pkg/local';
import { loadKubeAccess } from '#operator/runtime';

const ROOT = join(import.meta.dirname, '../..');

/** An operator under measurement, as a process of its own. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  /** The text of its /metrics. */
  metrics(): Promise<string>;
  /** Ms of CPU since it started, user and system together. */
  cpuMs(): number;
  /** Resident memory, MB. */
  residentMegabytes(): number;
}

export const CONTENDERS = ['kraite', 'controller-runtime'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** The command of charts/kraite-operator. */
const KRAITE = [
  process.execPath,
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  join(ROOT, 'cmd/operator/main.ts'),
] as const;
const READY_MS_MAX = 60_000;
/** Of Linux on every machine that Node runs on (USER_HZ). */
const TICK_MS = 10;

interface StartOptions {
  readonly kubeconfig: string;
  /** For logs and what is built. */
  readonly folder: string;
}

/** Starts one operator against the API server of `kubeconfig` and waits until it leads. */
export async function startContender(
  name: ContenderName,
  options: StartOptions,
): Promise<Contender> {
  const port = await findFreePort('127.0.0.1');
  const [file, ...args] = name === 'kraite' ? KRAITE : await peer(port, options.folder);
  // As in the image: what Node compiles is there before the process that is measured starts.
  const compiled = { NODE_COMPILE_CACHE: join(options.folder, 'compiled') };
  if (name === 'kraite') await refuseOnce(file, args, compiled);
  const log = createWriteStream(join(options.folder, `${name}.log`));
  await once(log, 'open');
  const child = spawn(file, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      ...compiled,
      ...(await podPlace(options)),
      KUBECONFIG: name === 'kraite' ? undefined : options.kubeconfig,
      POD_NAME: 'bench-0',
      POD_NAMESPACE: 'kraite-system',
      KRAITE_WATCH_NAMESPACES: '',
      KRAITE_NODE_AGENT_IMAGE: 'kraite:0.1.0',
      KRAITE_HEALTH_HOST: '127.0.0.1',
      KRAITE_HEALTH_PORT: String(port),
      KRAITE_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', log, log],
  });
  const contender = describe(name, child, port);
  const endAtMs = Date.now() + READY_MS_MAX;
  while (!(await hasBegun(contender))) {
    if (child.exitCode !== null || Date.now() > endAtMs) {
      throw new Error(`${name} does not start: read ${options.folder}/${name}.log`);
    }
    await sleep(50);
  }
  return contender;
}

/** As a pod has it: ours then reads a service account, as it does in a cluster. */
async function podPlace({ kubeconfig, folder }: StartOptions): Promise<NodeJS.ProcessEnv> {
  const access = await loadKubeAccess({ kubeconfig });
  const { headers, tls } = await access.credentials();
  const place = join(folder, 'account');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'token'), (headers['Authorization'] ?? '').replace('Bearer ', ''));
  writeFileSync(join(place, 'ca.crt'), tls.ca ?? '');
  writeFileSync(join(place, 'namespace'), 'kraite-system');
  const { hostname, port } = new URL(access.server);
  return {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    KRAITE_SERVICE_ACCOUNT_FOLDER: place,
  };
}

/** Without a configuration the operator loads all that it is and ends. */
async function refuseOnce(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await once(spawn(file, args, { env, stdio: 'ignore' }), 'close');
}

async function peer(port: number, folder: string): Promise<readonly [string, ...string[]]> {
  const target = join(folder, 'peer');
  mkdirSync(folder, { recursive: true });
  process.stderr.write('building the controller-runtime peer (about 2 min the first time) ...\n');
  const build = spawn('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', target, '.'], {
    cwd: join(ROOT, 'bench/operator/peer'),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = (await once(build, 'close').catch(() => [-1])) as [number];
  if (status !== 0) throw new Error('the peer cannot be built: Go 1.26 must be on PATH');
  return [target, '-metrics', `127.0.0.1:${port}`, '-workers', '4'];
}

async function hasBegun(contender: Contender): Promise<boolean> {
  const text = await contender.metrics().catch(() => '');
  if (contender.name !== 'kraite') return text !== '';
  return /^leader_election_master_status\{[^}]*\} 1$/m.test(text);
}

function describe(name: ContenderName, child: ChildProcess, port: number): Contender {
  const read = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    name,
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    cpuMs: () => {
      // Fields 14 and 15 of proc(5), counted behind the name, which may hold spaces.
      const fields = read('stat')
        .replace(/^.*\) /, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    residentMegabytes: () => {
      const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(read('status')) ?? [];
      return Math.round(Number(kilobytes) / 1_024);
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await Promise.race([once(child, 'close'), sleep(10_000)]);
      child.kill('SIGKILL');
    },
  };
}
