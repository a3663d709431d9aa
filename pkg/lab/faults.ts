import { LabError } from './lab-error.ts';
import { setFrozen } from './nodes/cgroups.ts';
import {
  applyCuts,
  hasNetem,
  slowNode,
  unslowNode,
  type Cut,
  type Slowness,
} from './nodes/cuts.ts';
import {
  isOn,
  startContainerd,
  startControlPlane,
  startNodeDaemons,
  switchOff,
  switchOn,
} from './nodes/node-life.ts';
import { PLACES } from './paths.ts';
import { writeRecord } from './record.ts';
import type { Variables } from './shell.ts';
import { nodeOf, openLab, type OpenLab } from './world.ts';

/** Takes the power of boxes away, all at once; what stood on their disks stays. */
export async function killNodes(names: readonly string[], environment: Variables): Promise<void> {
  const lab = await openLab(environment);
  const nodes = names.map((name) => nodeOf(lab, name));
  await Promise.all(nodes.map(({ name }) => switchOff(lab, name)));
  await writeRecord({
    ...lab.record,
    frozen: lab.record.frozen.filter((name) => !names.includes(name)),
  });
}

/** Stops every process of boxes where it stands; their lines stay up. */
export async function freezeNodes(names: readonly string[], environment: Variables): Promise<void> {
  const lab = await openLab(environment);
  const nodes = names.map((name) => onlyOn(lab, name));
  await Promise.all(nodes.map(({ name }) => setFrozen(lab.cgroups, name, true)));
  await writeRecord({ ...lab.record, frozen: [...new Set([...lab.record.frozen, ...names])] });
}

/** Lets nothing through between boxes and whom they are cut from. */
export async function cutNodes(
  names: readonly string[],
  how: Omit<Cut, 'node'>,
  environment: Variables,
): Promise<void> {
  const lab = await openLab(environment);
  if (how.from !== undefined && how.from !== PLACES.outside) nodeOf(lab, how.from);
  const added = names.map((name): Cut => ({ node: nodeOf(lab, name).name, ...how }));
  const cuts = [...lab.record.cuts, ...added];
  await applyCuts(cuts, lab.environment);
  await writeRecord({ ...lab.record, cuts });
}

/** Makes the lines of boxes slow, late or lossy. */
export async function slowNodes(
  names: readonly string[],
  slowness: Slowness,
  environment: Variables,
): Promise<void> {
  const lab = await openLab(environment);
  const nodes = names.map((name) => onlyOn(lab, name));
  const isSimple = slowness.delayMs === undefined && slowness.lossPercent === undefined;
  if (!isSimple && !(await hasNetem(lab.environment))) {
    throw new LabError(
      'MACHINE_UNFIT',
      'this kernel has no netem (NET_SCH_NETEM), so it can make a line slow and neither late nor lossy: use --rate alone',
    );
  }
  for (const { name } of nodes) await slowNode(name, slowness, lab.environment);
  const words = [
    slowness.rate,
    slowness.delayMs === undefined ? undefined : `+${slowness.delayMs} ms`,
    slowness.lossPercent === undefined ? undefined : `${slowness.lossPercent} % lost`,
  ].filter((word) => word !== undefined);
  const slow = { ...lab.record.slow };
  for (const name of names) slow[name] = words.join(', ');
  await writeRecord({ ...lab.record, slow });
}

/** Undoes whatever was done to boxes: all of them when none is named. Returns those that were booted again. */
export async function healNodes(
  names: readonly string[],
  environment: Variables,
): Promise<readonly string[]> {
  const lab = await openLab(environment);
  const nodes = names.length === 0 ? lab.plan.nodes : names.map((name) => nodeOf(lab, name));
  const healed = new Set(nodes.map(({ name }) => name));
  const { record } = lab;
  const cuts = record.cuts.filter(
    ({ node, from }) => !healed.has(node) && (from === undefined || !healed.has(from)),
  );
  if (cuts.length !== record.cuts.length) await applyCuts(cuts, lab.environment);
  for (const name of Object.keys(record.slow).filter((each) => healed.has(each))) {
    await unslowNode(name, lab.environment);
  }
  for (const name of record.frozen.filter((each) => healed.has(each))) {
    await setFrozen(lab.cgroups, name, false);
  }
  await writeRecord({
    ...record,
    cuts,
    frozen: record.frozen.filter((name) => !healed.has(name)),
    slow: Object.fromEntries(Object.entries(record.slow).filter(([name]) => !healed.has(name))),
  });
  const off = nodes.filter((node) => !isOn(node));
  // Servers first: the daemons of the others find somebody to ask.
  await Promise.all(off.map((node) => switchOn(lab, node)));
  await Promise.all(
    off
      .filter((node) => lab.plan.servers.includes(node))
      .map((node) => startControlPlane(lab, node, false)),
  );
  await Promise.all(
    off.map(async (node) => {
      await startContainerd(lab, node);
      await startNodeDaemons(lab, node);
    }),
  );
  return off.map(({ name }) => name);
}

function onlyOn(lab: OpenLab, name: string): ReturnType<typeof nodeOf> {
  const node = nodeOf(lab, name);
  if (isOn(node)) return node;
  throw new LabError('WRONG_USE', `${name} is off; boot it with kraite lab heal ${name}`);
}
