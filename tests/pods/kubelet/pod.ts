import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { createSystemClock, required } from '#pkg/base';
import { parseProcessFacts, type ProcessFacts } from '#pkg/observability';
import type { Container, HttpGet, PodTemplate, Probe } from './pod-spec.ts';
import type { Mount } from './volumes.ts';

/** Reached by what listens on every address, as a pod's own is; not by what listens on 127.0.0.1. */
const POD_IP = '127.0.0.2';
/** Where the image holds the program. */
const IMAGE_FOLDER = '/app';
const REPOSITORY = join(import.meta.dirname, '../../..');
/** The kubelet's own default (TerminationGracePeriodSeconds). */
const GRACE_SECONDS = 30;

const clock = createSystemClock();

export interface PodEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Pod {
  readonly pid: number;
  readonly exited: Promise<PodEnd>;
  readonly log: () => string;
  /** Resolves when the startup and the readiness probe pass; throws when the pod ends or a probe gives up. */
  ready(): Promise<ProcessFacts>;
  /** What /readyz says now. */
  facts(): Promise<ProcessFacts>;
  /** Where a port of the container is reached, for example `http://127.0.0.2:40001`. */
  url(port: string, scheme?: 'http' | 'https'): string;
  /** Ends it as `kubectl delete pod` does: preStop, SIGTERM, and SIGKILL once the grace is over. */
  terminate(): Promise<PodEnd & { readonly preStopStatus: number | undefined }>;
  kill(): void;
}

export interface PodLaunch {
  readonly template: PodTemplate;
  readonly container: Container;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly ports: ReadonlyMap<number, number>;
  readonly folder: string;
}

/** Starts the one container of a pod. */
export function launchPod(launch: PodLaunch): Pod {
  const { container, environment, ports } = launch;
  const child = startContainer(launch);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const exited = new Promise<PodEnd>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const url = (name: string, scheme: 'http' | 'https' = 'http'): string => {
    const declared = container.ports?.find((port) => port.name === name);
    const port = ports.get(required(declared, `the container has a port ${name}`).containerPort);
    return `${scheme}://${POD_IP}:${port}`;
  };
  const ask = (get: HttpGet, signal?: AbortSignal): Promise<Response> =>
    fetch(`${url(get.port)}${get.path}`, {
      headers: Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value])),
      ...(signal === undefined ? {} : { signal }),
    });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const pass = (probe: Probe | undefined): Promise<void> =>
    passProbe(required(probe, 'the container has the probe'), {
      ask,
      isRunning,
      describe: () => `${environment['KRAITE_PROCESS']}: ${log.slice(-2_000)}`,
    });
  const facts = async (): Promise<ProcessFacts> => {
    const probe = required(container.readinessProbe, 'the container has a readiness probe');
    const body = await (await ask(probe.httpGet)).text();
    return required(parseProcessFacts(body), `/readyz answers with facts, not ${body}`);
  };
  return {
    pid: required(child.pid, `the process starts: ${container.command.join(' ')}`),
    exited,
    log: () => log,
    url,
    facts,
    ready: async () => {
      await pass(container.startupProbe);
      await pass(container.livenessProbe);
      await pass(container.readinessProbe);
      return facts();
    },
    terminate: async () => {
      const graceMs = (launch.template.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS) * 1_000;
      const over = new AbortController();
      void clock.sleep(graceMs, over.signal).then(() => {
        if (!over.signal.aborted) child.kill('SIGKILL');
      });
      const preStop = container.lifecycle?.preStop;
      const answer =
        preStop === undefined
          ? undefined
          : await ask(preStop.httpGet, AbortSignal.timeout(graceMs)).catch(() => undefined);
      child.kill('SIGTERM');
      const end = await exited;
      over.abort();
      return { ...end, preStopStatus: answer?.status };
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function startContainer({ container, environment, mounts, folder }: PodLaunch) {
  const [program, ...args] = [...container.command, ...(container.args ?? [])];
  if (program !== 'node') throw new Error(`the image runs node, not ${program}`);
  // Read-only root: what is written lies in a mount, or it is lost. Nothing may depend on the working folder.
  const workingFolder = join(folder, 'root');
  mkdirSync(workingFolder);
  const paths = args.map((each) =>
    each.startsWith(`${IMAGE_FOLDER}/`) ? join(REPOSITORY, each.slice(IMAGE_FOLDER.length)) : each,
  );
  return spawn(process.execPath, paths, {
    cwd: workingFolder,
    env: { ...environment, TMPDIR: mounts.find(({ mountPath }) => mountPath === '/tmp')?.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

interface Probing {
  readonly ask: (get: HttpGet, signal: AbortSignal) => Promise<Response>;
  readonly isRunning: () => boolean;
  readonly describe: () => string;
}

/** Asks as often as the probe allows, a tenth of its period apart, so that a test does not wait for the period. */
async function passProbe(probe: Probe, { ask, isRunning, describe }: Probing): Promise<void> {
  const { httpGet, periodSeconds, timeoutSeconds = 1, failureThreshold } = probe;
  let said = '';
  for (let tries = 0; tries < failureThreshold * 10; tries += 1) {
    if (!isRunning()) throw new Error(`the pod ended: ${describe()}`);
    try {
      const response = await ask(httpGet, AbortSignal.timeout(timeoutSeconds * 1_000));
      if (response.ok) return;
      said = await response.text();
    } catch (error) {
      said = String((error as Error).cause ?? error);
    }
    await clock.sleep(periodSeconds * 100);
  }
  throw new Error(`${httpGet.path} never answered with 200, last ${said}: ${describe()}`);
}
