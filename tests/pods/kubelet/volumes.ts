import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { required } from '#pkg/base';
import type { KubeObject } from '#operator/runtime';
import type { PodSpec, Volume } from './pod-spec.ts';
import { publishFolder } from './publish.ts';

/** Where a path of the container really lies. */
export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly folder: string;
}

export interface VolumeSources {
  readonly objects: readonly KubeObject[];
  /** Folder on this machine for each claim. */
  readonly claims: ReadonlyMap<string, string>;
}

/** Makes the volumes of a pod below `folder`. Throws when an object that one names is not there, as a kubelet waits. */
export function mountVolumes(
  { containers, volumes = [] }: PodSpec,
  folder: string,
  sources: VolumeSources,
): readonly Mount[] {
  return containers.flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name, mountPath }) => {
      const volume = required(
        volumes.find((each) => each.name === name),
        `the pod has a volume ${name}`,
      );
      return { name, mountPath, folder: makeVolume(volume, join(folder, name), sources) };
    }),
  );
}

function makeVolume(volume: Volume, folder: string, { objects, claims }: VolumeSources): string {
  const { name, configMap, secret, persistentVolumeClaim } = volume;
  if (persistentVolumeClaim !== undefined) {
    const { claimName } = persistentVolumeClaim;
    const hostFolder = findHostFolder(objects, claimName);
    return required(claims.get(claimName), `${hostFolder} is there for volume ${name}`);
  }
  if (configMap !== undefined) {
    publishFolder(folder, require(objects, { kind: 'ConfigMap', name: configMap.name }));
  } else if (secret !== undefined) {
    publishFolder(folder, require(objects, { kind: 'Secret', name: secret.secretName }));
  } else {
    mkdirSync(folder, { recursive: true });
  }
  return folder;
}

/** Returns the folder of the box that a claim leads to. Throws where claim and volume do not name each other. */
function findHostFolder(objects: readonly KubeObject[], claimName: string): string {
  const specOf = (kind: string, name: string | undefined): unknown =>
    objects.find((each) => each.kind === kind && each.metadata.name === name)?.['spec'];
  const claim = specOf('PersistentVolumeClaim', claimName) as { readonly volumeName: string };
  const volume = specOf('PersistentVolume', claim?.volumeName) as {
    readonly claimRef: { readonly name: string };
    readonly hostPath: { readonly path: string };
  };
  if (volume?.claimRef.name !== claimName) throw new Error(`no volume is bound to ${claimName}`);
  return volume.hostPath.path;
}

interface Named {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

function require(objects: readonly KubeObject[], named: Named): Readonly<Record<string, string>> {
  return required(readData(objects, named), `there is a ${named.kind} ${named.name}`);
}

/** Returns what an object holds as a pod sees it (a Secret's base64 decoded), or undefined when there is none. */
export function readData(
  objects: readonly KubeObject[],
  { kind, name }: Named,
): Readonly<Record<string, string>> | undefined {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) return undefined;
  const text = (field: string) => (found[field] ?? {}) as Readonly<Record<string, string>>;
  if (kind === 'ConfigMap') return text('data');
  const decoded = Object.entries(text('data')).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString('utf8'),
  ]);
  return { ...(Object.fromEntries(decoded) as Record<string, string>), ...text('stringData') };
}
