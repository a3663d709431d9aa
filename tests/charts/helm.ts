import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '#operator/runtime';
import { ensurePrograms } from '#pkg/local';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, in the root of the repository. Never rejects. */
export function run(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...environment }, maxBuffer: 64e6 };
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      const hasEnded = typeof code === 'number';
      const note = hasEnded ? '' : `${file} cannot be run: ${error?.message ?? ''}`;
      resolve({ status: hasEnded ? code : -1, stdout, stderr: stderr + note });
    });
  });
}

/** Runs helm. */
export async function helm(args: readonly string[]): Promise<ToolResult> {
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const programs = await ensurePrograms(['helm'], { environment: process.env, report });
  return run(programs.helm.command[0], args);
}

export interface Release {
  /** A folder below the root, or an absolute one. */
  readonly chart: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly values?: readonly string[];
  readonly set?: readonly string[];
}

/** Arguments that say what is to be rendered or installed. */
export function releaseArguments(release: Release): readonly string[] {
  return [
    release.name ?? 'kraite',
    release.chart,
    '--namespace',
    release.namespace ?? 'kraite',
    ...(release.values ?? []).flatMap((file) => ['--values', file]),
    ...(release.set ?? []).flatMap((each) => ['--set', each]),
  ];
}

/** Returns what helm renders; throws what it says when it refuses. */
export async function render(release: Release): Promise<string> {
  const { status, stdout, stderr } = await helm(['template', ...releaseArguments(release)]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Returns what `helm lint --strict` complains of. */
export async function lint(chart: string, values: readonly string[]): Promise<readonly string[]> {
  const files = values.flatMap((file) => ['--values', file]);
  const { status, stdout, stderr } = await helm(['lint', '--strict', chart, ...files]);
  const complaints = `${stdout}\n${stderr}`.split('\n').filter((line) => /WARN|ERR/i.test(line));
  return status === 0 ? complaints : [...complaints, `helm lint ends with ${status}`];
}

/** Returns the objects of a rendered text. */
export function objectsOf(text: string): readonly KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

/** Returns the one object of a kind and, where two are of it, a name. */
export function findObject(
  objects: readonly KubeObject[],
  kind: string,
  name?: string,
): Readonly<Record<string, never>> & KubeObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`${found.length} objects are ${kind} ${name ?? ''}`);
  return found[0] as Readonly<Record<string, never>> & KubeObject;
}
