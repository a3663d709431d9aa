import { LabError } from './lab-error.ts';
import { imagesFolderOf } from './images-folder.ts';
import { labEnvironment } from './machine/tools.ts';
import { findCgroups } from './nodes/cgroups.ts';
import type { LabWorld } from './nodes/node-life.ts';
import { PLACES } from './paths.ts';
import type { LabNode } from './plan/lab-plan.ts';
import { planOf, readRecord, type LabRecord } from './record.ts';
import type { Variables } from './shell.ts';

/** A lab that is up. */
export interface OpenLab extends LabWorld {
  readonly record: LabRecord;
}

/** Throws {@link LabError} when there is none, or when somebody else's it is. */
export async function openLab(environment: Variables): Promise<OpenLab> {
  if (process.getuid?.() !== 0) {
    throw new LabError('MACHINE_UNFIT', 'a lab belongs to root: run it with sudo');
  }
  const record = readRecord();
  const cgroups = findCgroups();
  if (cgroups === undefined) throw new LabError('MACHINE_UNFIT', 'this machine has no cgroups');
  return {
    record,
    plan: planOf(record),
    cgroups,
    environment: await labEnvironment(environment),
    imagesFolder: imagesFolderOf(environment),
  };
}

/** Returns the box of that name. Throws {@link LabError} UNKNOWN_NODE, which names those that are. */
export function nodeOf({ plan }: OpenLab, name: string): LabNode {
  const node = plan.nodes.find((each) => each.name === name);
  if (node !== undefined) return node;
  throw new LabError(
    'UNKNOWN_NODE',
    `the lab has no box ${name}; boxes are ${plan.nodes.map((each) => each.name).join(', ')}`,
  );
}

/** Returns the name of a box or of a place one can be in: the desk, the outside. */
export function placeOf(lab: OpenLab, name: string): string {
  const isPlace = name === PLACES.desk || name === PLACES.outside;
  return isPlace ? name : nodeOf(lab, name).name;
}
