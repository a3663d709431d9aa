import type { WorkloadFile } from '#pkg/config';
import { findJson, replaceJson } from './json-file.ts';
import type { LocalProcess } from './plan-processes.ts';
import { workloadPath, type StatePaths } from './state-paths.ts';

/** Tells a worker its slots; each write has the next generation, also after a restart of the fleet. */
export function writeWorkload(
  paths: StatePaths,
  process: LocalProcess,
  options: { readonly isDraining: boolean },
): WorkloadFile {
  const path = workloadPath(paths, process.name);
  const before = findJson(path) as Partial<WorkloadFile> | undefined;
  const lanes = Object.fromEntries(
    Object.entries(process.lanes ?? {}).map(([lane, slots]) => [lane, slots]),
  );
  const file: WorkloadFile = {
    generation: (before?.generation ?? 0) + 1,
    lanes,
    isDraining: options.isDraining,
  };
  replaceJson(path, file);
  return file;
}
