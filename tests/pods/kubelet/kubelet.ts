import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { KubeObject } from '#operator/runtime';
import { resolveEnvironment } from './environment.ts';
import type { PodTemplate } from './pod-spec.ts';
import { launchPod, type Pod } from './pod.ts';
import { publishFolder } from './publish.ts';
import { mountVolumes, readData } from './volumes.ts';

export interface Kubelet extends AsyncDisposable {
  /** Starts the pod of a template. Throws when its manifest does not fit the objects. */
  start(template: PodTemplate, options?: StartOptions): Promise<Pod>;
  /** Takes `object` for the one of its name; the mounts of running pods follow, as they do within a sync period. */
  update(object: KubeObject): void;
  /** Folder behind a claim, made when it is first asked for. */
  claimFolder(claim: string): string;
}

export interface StartOptions {
  /** Beside what the manifest says. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Port of this machine for a port of the container; any free one for the others. */
  readonly ports?: ReadonlyMap<number, number>;
}

/** Returns a kubelet that knows `objects`. Disposing kills what runs and removes its folder. */
export function createKubelet(given: readonly KubeObject[]): Kubelet {
  const root = mkdtempSync(join(tmpdir(), 'kraite-pods-'));
  let objects = [...given];
  const claims = new Map<string, string>();
  const pods: { readonly pod: Pod; readonly template: PodTemplate; readonly folder: string }[] = [];
  const claimFolder = (claim: string): string => {
    const folder = claims.get(claim) ?? join(root, 'claims', claim);
    claims.set(claim, folder);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  return {
    claimFolder,
    start: async (template, options = {}) => {
      const [container] = template.spec.containers;
      if (container === undefined) throw new Error('the pod has no container');
      const folder = mkdtempSync(join(root, `${container.name}-`));
      for (const { persistentVolumeClaim } of template.spec.volumes ?? []) {
        if (persistentVolumeClaim !== undefined) claimFolder(persistentVolumeClaim.claimName);
      }
      const mounts = mountVolumes(template.spec, join(folder, 'volumes'), { objects, claims });
      const declared = container.ports?.map(({ containerPort }) => containerPort);
      const ports = await mapPorts(declared, options.ports);
      const environment = {
        ...resolveEnvironment(container, { objects, mounts, ports }),
        ...options.environment,
      };
      const pod = launchPod({ template, container, environment, mounts, ports, folder });
      pods.push({ pod, template, folder });
      return pod;
    },
    update: (object) => {
      const { kind, metadata } = object;
      objects = objects.filter(
        (each) => each.kind !== kind || each.metadata.name !== metadata.name,
      );
      objects.push(object);
      for (const { template, folder } of pods) {
        for (const { name, configMap, secret } of template.spec.volumes ?? []) {
          const source = kind === 'ConfigMap' ? configMap?.name : secret?.secretName;
          if (source !== metadata.name || (kind !== 'ConfigMap' && kind !== 'Secret')) continue;
          const files = readData(objects, { kind, name: source }) ?? {};
          publishFolder(join(folder, 'volumes', name), files);
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const { pod } of pods) pod.kill();
      await Promise.all(pods.map(({ pod }) => pod.exited));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function mapPorts(
  declared: readonly number[] = [],
  given: ReadonlyMap<number, number> = new Map(),
): Promise<ReadonlyMap<number, number>> {
  const entries = declared.map(
    async (port) => [port, given.get(port) ?? (await findFreePort())] as const,
  );
  return new Map(await Promise.all(entries));
}

/** Returns a port on which nothing listens now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '0.0.0.0', port: 0 }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
