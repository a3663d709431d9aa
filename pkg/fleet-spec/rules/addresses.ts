import { isIPv4 } from 'node:net';

import { findCidr, isInCidr } from '../formats.ts';
import type { FleetSpec } from '../schema.ts';
import { findRepeats, type FleetRule, type Named } from './rule.ts';

interface Address extends Named {
  readonly box: string;
}

function egressAddresses(spec: FleetSpec): readonly Address[] {
  const { brain, indicators, trading } = spec;
  return [
    { name: brain.egressIP, box: brain.box, path: 'spec.brain.egressIP' },
    ...trading.boxes.map((box, index) => ({
      name: box.egressIP,
      box: box.name,
      path: `spec.trading.boxes[${index}].egressIP`,
    })),
    { name: indicators.egressIP, box: indicators.box, path: 'spec.indicators.egressIP' },
  ];
}

function privateAddresses(spec: FleetSpec): readonly Address[] {
  return spec.network.boxes.map((box, index) => ({
    name: box.privateIP,
    box: box.name,
    path: `spec.network.boxes[${index}].privateIP`,
  }));
}

function findShared(addresses: readonly Address[]) {
  return findRepeats(addresses).map(({ first, again }) => ({
    path: again.path,
    message: `${again.name} is the address of ${first.box} already (${first.path}); give each box its own`,
  }));
}

const egressAddressesAreDistinct: FleetRule = {
  name: 'egressAddressesAreDistinct',
  path: 'spec',
  sentence: 'Each box leaves from an address of its own, because the venue meters by address.',
  find: (spec) => findShared(egressAddresses(spec)),
};

const privateAddressesAreDistinct: FleetRule = {
  name: 'privateAddressesAreDistinct',
  path: 'spec.network.boxes',
  sentence: 'Each box has a private address of its own.',
  find: (spec) => findShared(privateAddresses(spec)),
};

const privateAddressesAreInNetwork: FleetRule = {
  name: 'privateAddressesAreInNetwork',
  path: 'spec.network.boxes',
  sentence: 'Private addresses lie in the private network.',
  find: (spec) => {
    const cidr = findCidr(spec.network.privateCIDR);
    if (cidr === undefined) return [];
    return privateAddresses(spec)
      .filter(({ name }) => isIPv4(name) && !isInCidr(name, cidr))
      .map(({ name, path }) => ({
        path,
        message: `${name} lies outside spec.network.privateCIDR ${spec.network.privateCIDR}; correct one of them`,
      }));
  },
};

const egressAddressesAreOutside: FleetRule = {
  name: 'egressAddressesAreOutside',
  path: 'spec',
  sentence: 'Egress addresses lie outside the private network.',
  find: (spec) => {
    const cidr = findCidr(spec.network.privateCIDR);
    if (cidr === undefined) return [];
    return egressAddresses(spec)
      .filter(({ name }) => isIPv4(name) && isInCidr(name, cidr))
      .map(({ name, path }) => ({
        path,
        message: `${name} lies in the private network; write the public address that the venue sees`,
      }));
  },
};

export const ADDRESS_RULES: readonly FleetRule[] = [
  egressAddressesAreDistinct,
  egressAddressesAreOutside,
  privateAddressesAreDistinct,
  privateAddressesAreInNetwork,
];
