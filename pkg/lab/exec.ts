import { runInNode } from './nodes/enter.ts';
import type { Variables } from './shell.ts';
import { openLab, placeOf } from './world.ts';

/** Runs a command in a box, at the desk or outside, on this terminal; returns its exit code. */
export async function execInLab(
  name: string,
  command: readonly string[],
  environment: Variables,
): Promise<number> {
  const lab = await openLab(environment);
  return runInNode(lab.cgroups, placeOf(lab, name), command, lab.environment);
}
