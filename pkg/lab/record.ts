import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import type { KraiteFleet } from '#pkg/fleet-spec';
import { LabError } from './lab-error.ts';
import type { ChangedSettings } from './machine/kernel-settings.ts';
import type { Cut } from './nodes/cuts.ts';
import { LAB_FOLDER, paths } from './paths.ts';
import { planLab, type LabPlan } from './plan/lab-plan.ts';

/** What a lab that is up remembers between commands. */
export interface LabRecord {
  readonly fleet: KraiteFleet;
  readonly only: readonly string[] | undefined;
  readonly changedSettings: ChangedSettings;
  readonly cuts: readonly Cut[];
  readonly frozen: readonly string[];
  /** Boxes with a slower line, and how it was slowed. */
  readonly slow: Readonly<Record<string, string>>;
}

export function planOf({ fleet, only }: LabRecord): LabPlan {
  return planLab(fleet, only === undefined ? {} : { only });
}

/** Returns the record of the lab that is up, or was; undefined when there is none. */
export function findRecord(): LabRecord | undefined {
  try {
    return JSON.parse(readFileSync(paths.record, 'utf8')) as LabRecord;
  } catch {
    return undefined;
  }
}

/** Throws {@link LabError} LAB_ABSENT when there is no lab. */
export function readRecord(): LabRecord {
  const record = findRecord();
  if (record === undefined) {
    throw new LabError('LAB_ABSENT', 'no lab is up here; start one with: kraite lab up');
  }
  return record;
}

export async function writeRecord(record: LabRecord): Promise<void> {
  await mkdir(LAB_FOLDER, { recursive: true, mode: 0o700 });
  await writeFile(`${paths.record}.part`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${paths.record}.part`, paths.record);
}
