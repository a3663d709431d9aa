import { existsSync } from 'node:fs';

import { VARIABLES } from '#pkg/config';
import type { KubeObject } from '#operator/runtime';
import type { Container } from './pod-spec.ts';
import { readData, type Mount } from './volumes.ts';

export interface Translation {
  readonly objects: readonly KubeObject[];
  readonly mounts: readonly Mount[];
  /** Port that stands on this machine for each port of the container. */
  readonly ports: ReadonlyMap<number, number>;
}

/**
 * Returns the environment of a container with its paths and ports as they are on this machine.
 *
 * Throws where the manifest says what no process would understand: a variable that the configuration does not know, a
 * path outside every mount, a file that no volume holds, a port that the container does not declare, a Secret without
 * the key.
 */
export function resolveEnvironment(
  container: Container,
  translation: Translation,
): Readonly<Record<string, string>> {
  const mistakes: string[] = [];
  const resolved = (container.env ?? []).flatMap((variable) => {
    const { name, value, valueFrom } = variable;
    if (!isKnown(name)) mistakes.push(`${name} is read by no process`);
    try {
      const text = valueFrom === undefined ? value : secretValue(translation, valueFrom);
      if (text === undefined) return [];
      return [[name, translate(name, text, translation)] as const];
    } catch (error) {
      mistakes.push(`${name}: ${(error as Error).message}`);
      return [];
    }
  });
  if (mistakes.length > 0) throw new Error(`${container.name}:\n${mistakes.join('\n')}`);
  return Object.fromEntries(resolved);
}

function isKnown(name: string): boolean {
  return Object.keys(VARIABLES).some((known) => name === `KRAITE_${known}`);
}

function secretValue(
  { objects }: Translation,
  { secretKeyRef }: NonNullable<NonNullable<Container['env']>[number]['valueFrom']>,
): string | undefined {
  const { name, key, optional } = secretKeyRef;
  const value = readData(objects, { kind: 'Secret', name })?.[key];
  if (value === undefined && optional !== true) {
    throw new Error(`no Secret ${name} with the key ${key}`);
  }
  return value;
}

function translate(name: string, text: string, { mounts, ports }: Translation): string {
  if (name.endsWith('_PORT')) {
    const port = ports.get(Number(text));
    if (port === undefined) throw new Error(`the container declares no port ${text}`);
    return String(port);
  }
  if (!text.startsWith('/')) return text;
  const mount = mounts.find(({ mountPath }) => isWithin(text, mountPath));
  if (mount === undefined) throw new Error(`${text} lies in no mount`);
  const path = `${mount.folder}${text.slice(mount.mountPath.length)}`;
  if (!existsSync(path)) throw new Error(`volume ${mount.name} holds no ${text}`);
  return path;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
