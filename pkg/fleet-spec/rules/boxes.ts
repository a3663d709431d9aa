import { findNearest } from '../nearest.ts';
import type { FleetSpec } from '../schema.ts';
import { findRepeats, type Finding, type FleetRule, type Named } from './rule.ts';

interface RoleHolder extends Named {
  readonly role: 'core' | 'brain' | 'trading' | 'indicators';
}

function roleHolders(spec: FleetSpec): readonly RoleHolder[] {
  return [
    { role: 'core', name: spec.core.box, path: 'spec.core.box' },
    { role: 'brain', name: spec.brain.box, path: 'spec.brain.box' },
    ...spec.trading.boxes.map((box, index) => ({
      role: 'trading' as const,
      name: box.name,
      path: `spec.trading.boxes[${index}].name`,
    })),
    { role: 'indicators', name: spec.indicators.box, path: 'spec.indicators.box' },
  ];
}

/** Boxes that are named beside the four primary roles. */
function otherHolders(spec: FleetSpec): readonly Named[] {
  const { core, brain, controlPlane } = spec;
  return [
    ...controlPlane.boxes.map((name, index) => ({
      name,
      path: `spec.controlPlane.boxes[${index}]`,
    })),
    ...(core.replicaBox === null ? [] : [{ name: core.replicaBox, path: 'spec.core.replicaBox' }]),
    ...(brain.standbyBox === null
      ? []
      : [{ name: brain.standbyBox, path: 'spec.brain.standbyBox' }]),
  ];
}

function networkBoxes(spec: FleetSpec): readonly Named[] {
  return spec.network.boxes.map((box, index) => ({
    name: box.name,
    path: `spec.network.boxes[${index}].name`,
  }));
}

const networkBoxesAreDistinct: FleetRule = {
  name: 'networkBoxesAreDistinct',
  path: 'spec.network.boxes',
  sentence: 'Each box stands once in the network.',
  find: (spec) =>
    findRepeats(networkBoxes(spec)).map(({ first, again }) => ({
      path: again.path,
      message: `${again.name} stands in ${first.path} already; name each box once`,
    })),
};

const boxesHaveOneRole: FleetRule = {
  name: 'boxesHaveOneRole',
  path: 'spec',
  sentence: 'A box has one primary role: core, brain, trading or indicators.',
  find: (spec) =>
    findRepeats(roleHolders(spec)).map(({ first, again }) => ({
      path: again.path,
      message:
        first.role === again.role
          ? `${again.name} stands in ${first.path} already; name each box once`
          : `${again.name} is the ${first.role} box already (${first.path}); give each box one role`,
    })),
};

const roleBoxesExist: FleetRule = {
  name: 'roleBoxesExist',
  path: 'spec.network.boxes',
  sentence: 'Every box with a role stands in the network with its private address.',
  find: (spec) => findUnknown(spec, roleHolders(spec)),
};

const otherBoxesExist: FleetRule = {
  name: 'otherBoxesExist',
  path: 'spec.network.boxes',
  sentence: 'Control plane, standby and replica boxes stand in the network.',
  find: (spec) => findUnknown(spec, otherHolders(spec)),
};

function findUnknown(spec: FleetSpec, holders: readonly Named[]): readonly Finding[] {
  const known = spec.network.boxes.map((box) => box.name);
  return holders.flatMap(({ name, path }) => {
    if (name === '' || known.includes(name)) return [];
    const nearest = findNearest(name, known);
    const advice =
      nearest === undefined ? 'add it there with its privateIP' : `did you mean ${nearest}?`;
    return [{ path, message: `no box ${name} in spec.network.boxes; ${advice}` }];
  });
}

function isNamed(spec: FleetSpec, box: string): boolean {
  return [...roleHolders(spec), ...otherHolders(spec)].some(({ name }) => name === box);
}

const networkBoxesAreUsed: FleetRule = {
  name: 'networkBoxesAreUsed',
  path: 'spec.network.boxes',
  sentence: 'Every box of the network has something to do.',
  find: (spec) => {
    // A role whose box is missing or not readable may be meant for any of them.
    if (spec.trading.boxes.length === 0) return [];
    if ([...roleHolders(spec), ...otherHolders(spec)].some(({ name }) => name === '')) return [];
    return networkBoxes(spec).flatMap(({ name, path }) =>
      name === '' || isNamed(spec, name)
        ? []
        : [{ path, message: `no role names ${name}; give it a role or remove it` }],
    );
  },
};

const controlPlaneIsOdd: FleetRule = {
  name: 'controlPlaneIsOdd',
  path: 'spec.controlPlane.boxes',
  sentence: 'The control plane has an odd number of boxes, each once.',
  find: ({ controlPlane: { boxes } }) => {
    const path = 'spec.controlPlane.boxes';
    const repeats = findRepeats(boxes.map((name, index) => ({ name, path: `${path}[${index}]` })));
    if (repeats.length > 0) {
      return repeats.map(({ first, again }) => ({
        path: again.path,
        message: `${again.name} stands in ${first.path} already; name each box once`,
      }));
    }
    if (boxes.length === 0 || boxes.length % 2 === 1) return [];
    const message = `${boxes.length} boxes survive no more losses than ${boxes.length - 1}; name an odd number`;
    return [{ path, message }];
  },
};

const standbyCanTakeOver: FleetRule = {
  name: 'standbyCanTakeOver',
  path: 'spec.brain.standbyBox',
  sentence: 'The standby is a trading or the indicator box, since it needs an egress address.',
  find: (spec) => {
    const name = spec.brain.standbyBox;
    const holder = roleHolders(spec).find((each) => each.name === name);
    if (name === null || name === '' || holder?.role === 'trading') return [];
    if (holder?.role === 'indicators') return [];
    const what = holder === undefined ? 'has no egress address' : `is the ${holder.role} box`;
    const message = `${name} ${what}; name a trading box or the indicator box`;
    return [{ path: 'spec.brain.standbyBox', message }];
  },
};

const replicaIsElsewhere: FleetRule = {
  name: 'replicaIsElsewhere',
  path: 'spec.core.replicaBox',
  sentence: 'The replica of the database is on another box than the database.',
  find: ({ core }) =>
    core.replicaBox === null || core.replicaBox === '' || core.replicaBox !== core.box
      ? []
      : [
          {
            path: 'spec.core.replicaBox',
            message: `${core.box} holds the database itself; name another box`,
          },
        ],
};

export const BOX_RULES: readonly FleetRule[] = [
  networkBoxesAreDistinct,
  boxesHaveOneRole,
  roleBoxesExist,
  otherBoxesExist,
  networkBoxesAreUsed,
  controlPlaneIsOdd,
  standbyCanTakeOver,
  replicaIsElsewhere,
];
