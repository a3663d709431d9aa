import type { Reason } from '#pkg/base';
import { planFleet } from '#pkg/fleet-spec';
import type { FleetObject } from '#operator/api';
import { claimants, type FleetView } from './fleet-view.ts';
import type { Observed } from './observed.ts';

/** Why boxes and nodes do not fit together. */
export interface TopologyMistake {
  readonly reason: Reason & ('BoxTaken' | 'NodeClaimedTwice' | 'NodeMissing');
  readonly message: string;
  /** Nothing of this fleet may be changed while it stands. */
  readonly isBlocking: boolean;
}

type Question = (view: FleetView, observed: Observed) => TopologyMistake | undefined;

/** The first mistake is the one that is told. */
const QUESTIONS: readonly Question[] = [isABoxTaken, isANodeClaimedTwice, isANodeMissing];

export function findTopologyMistake(
  view: FleetView,
  observed: Observed,
): TopologyMistake | undefined {
  for (const ask of QUESTIONS) {
    const mistake = ask(view, observed);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

/** A box belongs to the oldest fleet that names it; of two of one age, to the one whose uid sorts first. */
function isABoxTaken(
  view: FleetView,
  { fleet, otherFleets }: Observed,
): TopologyMistake | undefined {
  const names = new Set<string>(view.boxes.map(({ box }) => box.name));
  for (const other of otherFleets.filter((each) => isOlder(each, fleet))) {
    const taken = boxNamesOf(other).find((name) => names.has(name));
    if (taken === undefined) continue;
    const owner = `${other.metadata.namespace ?? 'default'}/${other.metadata.name}`;
    return {
      reason: 'BoxTaken',
      message: `the box ${taken} belongs to the older fleet ${owner}: name another box here, or take it out there`,
      isBlocking: true,
    };
  }
  return undefined;
}

function isOlder(a: FleetObject, b: FleetObject): boolean {
  const key = ({ metadata }: FleetObject) =>
    `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`;
  return key(a) < key(b);
}

/** Of objects in a cache, which are replaced and never changed: with many fleets each pass asks for all of them. */
const boxNames = new WeakMap<FleetObject['spec'], readonly string[]>();

function boxNamesOf({ spec }: FleetObject): readonly string[] {
  const known = boxNames.get(spec);
  if (known !== undefined) return known;
  const names = planFleet(spec).boxes.map((box) => box.name);
  boxNames.set(spec, names);
  return names;
}

function isANodeClaimedTwice(view: FleetView, { nodes }: Observed): TopologyMistake | undefined {
  for (const { box } of view.boxes) {
    const [first, second] = claimants(box.name, nodes);
    if (first === undefined || second === undefined) continue;
    return {
      reason: 'NodeClaimedTwice',
      message: `the nodes ${first.metadata.name} and ${second.metadata.name} both say that they are ${box.name}: delete the one that is gone, or correct its label`,
      isBlocking: false,
    };
  }
  return undefined;
}

function isANodeMissing(view: FleetView): TopologyMistake | undefined {
  const missing = view.boxes.filter(({ node }) => node === undefined).map(({ box }) => box.name);
  if (missing.length === 0) return undefined;
  return {
    reason: 'NodeMissing',
    message: `no node is labelled fleet.kraite.io/box=${missing[0]}: join it to the cluster (\`kraite k3s-config\` writes its configuration)${missing.length > 1 ? `; also missing: ${missing.slice(1).join(', ')}` : ''}`,
    isBlocking: false,
  };
}
