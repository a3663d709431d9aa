import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';
import { restoreSettings } from './machine/kernel-settings.ts';
import { findCgroups, removeGroups } from './nodes/cgroups.ts';
import { endProcesses } from './nodes/node-life.ts';
import { LAB_FOLDER, MARK } from './paths.ts';
import { findRecord } from './record.ts';
import { mustRun, run } from './shell.ts';

/** Takes everything of the lab away, whatever state it is in; images and programs stay in the cache. Throws {@link LabError}. */
export async function downLab(): Promise<{ readonly wasUp: boolean }> {
  if (process.getuid?.() !== 0) {
    throw new LabError('MACHINE_UNFIT', 'the lab was made by root: run it with sudo');
  }
  const record = findRecord();
  const cgroups = findCgroups();
  const places = placesOf();
  const names = new Set(places);
  if (cgroups !== undefined) {
    const [first] = cgroups.hierarchies;
    const top = join(first, MARK);
    const groups = existsSync(top)
      ? readdirSync(top, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      : [];
    for (const { name } of groups) names.add(name);
    await Promise.all([...names].map((name) => endProcesses(cgroups, name)));
    await removeGroups(cgroups);
  }
  for (const name of places) await run(['ip', 'netns', 'del', `${MARK}-${name}`]);
  if (record !== undefined) await restoreSettings(record.changedSettings);
  const wasUp = record !== undefined || names.size > 0;
  // A frozen mount of an ended process may hold a folder for a moment.
  if (existsSync(LAB_FOLDER)) await rm(LAB_FOLDER, { recursive: true, force: true, maxRetries: 5 });
  await tellLeftovers();
  return { wasUp };
}

function placesOf(): readonly string[] {
  const folder = '/run/netns';
  if (!existsSync(folder)) return [];
  const mine = readdirSync(folder).filter((name) => name.startsWith(`${MARK}-`));
  return mine.map((name) => name.slice(MARK.length + 1));
}

async function tellLeftovers(): Promise<void> {
  const mounts = await mustRun(['cat', '/proc/mounts']);
  const left = mounts.split('\n').filter((line) => line.includes(LAB_FOLDER));
  if (placesOf().length > 0 || left.length > 0) {
    throw new LabError(
      'COMMAND_FAILED',
      `something of the lab is left: ${[...placesOf(), ...left].join(', ')}`,
    );
  }
}
