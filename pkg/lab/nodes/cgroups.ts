import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MARK } from '../paths.ts';

/** How this machine groups processes: one hierarchy (2), or one for each controller (1). */
export type Cgroups =
  | { readonly version: 2; readonly hierarchies: readonly [string] }
  | { readonly version: 1; readonly hierarchies: readonly string[] };

/** Reads it from the mounts; undefined when there is none. */
export function findCgroups(
  mounts: string = readFileSync('/proc/mounts', 'utf8'),
): Cgroups | undefined {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const of = (kind: string): readonly string[] =>
    lines.flatMap(([, at = '', type]) => (type === kind ? [at] : []));
  const older = of('cgroup');
  if (older.some((at) => at.endsWith('/memory'))) return { version: 1, hierarchies: older };
  const [unified] = of('cgroup2');
  return unified === undefined ? undefined : { version: 2, hierarchies: [unified] };
}

function groupsOf({ hierarchies }: Cgroups, name: string): readonly string[] {
  return hierarchies.map((at) => join(at, MARK, name));
}

/** Returns the folders whose `cgroup.procs` a process writes its id to when it enters `name`. */
export function entrancesOf(cgroups: Cgroups, name: string): readonly string[] {
  const groups = groupsOf(cgroups, name);
  // Where there is one hierarchy, a group with controllers holds no processes itself.
  return cgroups.version === 2 ? groups.map((group) => join(group, 'init')) : groups;
}

export async function makeGroups(cgroups: Cgroups, name: string): Promise<void> {
  if (cgroups.version === 2) return makeUnified(cgroups.hierarchies[0], name);
  for (const at of cgroups.hierarchies) {
    await mkdir(join(at, MARK, name), { recursive: true });
    if (at.endsWith('/memory')) {
      await writeFile(join(at, MARK, 'memory.use_hierarchy'), '1').catch(() => undefined);
    }
    if (!/\/cpuset(,|$)/.test(at) && !at.endsWith('cpuset')) continue;
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const whole = await readFile(join(at, file), 'utf8');
      for (const group of [join(at, MARK), join(at, MARK, name)]) {
        await writeFile(join(group, file), whole);
      }
    }
  }
}

async function makeUnified(at: string, name: string): Promise<void> {
  await mkdir(join(at, MARK, name, 'init'), { recursive: true });
  for (const group of [at, join(at, MARK), join(at, MARK, name)]) {
    const controllers = (await readFile(join(group, 'cgroup.controllers'), 'utf8')).trim();
    const wanted = controllers.split(' ').map((each) => `+${each}`);
    await writeFile(join(group, 'cgroup.subtree_control'), wanted.join(' '));
  }
}

/** Returns the ids of every process of `name`, pods among them. */
export function processesOf(cgroups: Cgroups, name: string): readonly number[] {
  const at = cgroups.hierarchies.find((each) => each.endsWith('/pids')) ?? cgroups.hierarchies[0];
  const found: number[] = [];
  const visit = (group: string): void => {
    try {
      const text = readFileSync(join(group, 'cgroup.procs'), 'utf8');
      found.push(...text.split('\n').filter(Boolean).map(Number));
      for (const entry of readdirSync(group, { withFileTypes: true })) {
        if (entry.isDirectory()) visit(join(group, entry.name));
      }
    } catch {
      // It ended while it was read.
    }
  };
  visit(join(at ?? '', MARK, name));
  return found;
}

/** Stops every process of `name` where it stands, or lets it go on. */
export async function setFrozen(cgroups: Cgroups, name: string, isFrozen: boolean): Promise<void> {
  if (cgroups.version === 2) {
    const file = join(cgroups.hierarchies[0], MARK, name, 'cgroup.freeze');
    return writeFile(file, isFrozen ? '1' : '0');
  }
  const at = cgroups.hierarchies.find((each) => each.endsWith('/freezer')) ?? '';
  await writeFile(join(at, MARK, name, 'freezer.state'), isFrozen ? 'FROZEN' : 'THAWED');
}

/** Removes the empty groups of `name`, or those of the whole lab. */
export async function removeGroups({ hierarchies }: Cgroups, name = ''): Promise<void> {
  for (const at of hierarchies) await removeTree(join(at, MARK, name));
}

async function removeTree(group: string): Promise<void> {
  let entries;
  try {
    entries = readdirSync(group, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(group, entry.name));
  await rmdir(group).catch(() => undefined);
}
