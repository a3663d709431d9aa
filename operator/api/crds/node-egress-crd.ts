import { KRAITE_NODE_EGRESS } from '../kinds.ts';
import { defineCrd, type CustomResourceDefinition } from './crd.ts';
import { conditions, instant, list, numbers, record, words } from './status-fields.ts';
import type { CelRule } from './cel.ts';
import type { Structural } from './structural.ts';

const refuses = (rule: string, says: string): CelRule => ({
  rule,
  messageExpression: `self + ' ${says}'`,
  message: says,
  reason: 'FieldValueInvalid',
});

const network = (description: string): Structural => ({
  ...words(description, 18),
  'x-kubernetes-validations': [
    refuses(
      'isCIDR(self) && cidr(self).ip().family() == 4',
      'is not an IPv4 network; write it like 10.42.0.0/16',
    ),
  ],
});

const SPEC: Structural = {
  ...record('What is to be enforced. Written by the operator only.', {
    fleet: { ...words('Name of the KraiteFleet.', 63), minLength: 1 },
    fleetNamespace: { ...words('Namespace of the KraiteFleet.', 63), minLength: 1 },
    box: { ...words('Name of the box.', 63), minLength: 1 },
    role: {
      ...words('What the box is for.'),
      enum: ['core', 'brain', 'trading', 'indicators'],
    },
    nodeName: { ...words('Name of the node.'), minLength: 1 },
    podCIDR: network('Pods of this network leave as egressIP.'),
    clusterCIDR: network('All pods of the cluster: none of them may leave unmapped.'),
    egressIP: {
      ...words('Absent on a box that carries no venue traffic: nothing is enforced there.', 15),
      'x-kubernetes-validations': [
        refuses('isIP(self) && ip(self).family() == 4', 'is not an IPv4 address'),
      ],
    },
    echoEndpoints: {
      ...list('URLs that answer with the address they saw.', 8, undefined, words('One URL.', 500)),
    },
    isReleased: {
      type: 'boolean',
      description: 'The box is drained and the object is going: only then are the rules removed.',
    },
  }),
  required: [
    'fleet',
    'fleetNamespace',
    'box',
    'role',
    'nodeName',
    'podCIDR',
    'clusterCIDR',
    'echoEndpoints',
  ],
};

const STATUS: Structural = {
  ...record("What that node's agent did and saw. Written by it only.", {
    observedGeneration: numbers(
      'Generation of the object that this status tells of; -1 before the first look.',
    ),
    observed: list('What the echo services saw last.', 8, 'endpoint', {
      ...record('One answer.', {
        endpoint: words('The URL that was asked.', 500),
        address: words('The address that it saw.', 45),
        error: words('Why there is none.', 1_024),
      }),
      required: ['endpoint'],
    }),
    observedIP: words('The address that they agree on.', 45),
    rulesHash: words('Hash of the rules that are loaded.', 128),
    verifiedAt: instant('When they agreed last.'),
    conditions: conditions(),
  }),
  default: { observedGeneration: -1 },
};

/** Returns the CRD of KraiteNodeEgress, where the operator asks and the agent of one node answers. */
export function nodeEgressCrd(): CustomResourceDefinition {
  return defineCrd({
    kind: KRAITE_NODE_EGRESS,
    singular: 'kraitenodeegress',
    shortNames: ['kne'],
    description: 'The address that the pods of one node leave from. Its name is that of the node.',
    spec: SPEC,
    status: STATUS,
    columns: [
      ['Box', 'string', '.spec.box', 'Name of the box.'],
      ['Expected', 'string', '.spec.egressIP', 'The address that it is to leave from.'],
      ['Observed', 'string', '.status.observedIP', 'The address that echo services saw.'],
      [
        'Verified',
        'string',
        '.status.conditions[?(@.type=="Verified")].status',
        'Whether they are the same.',
      ],
      ['Since', 'date', '.status.verifiedAt', 'When they agreed last.'],
      ['Age', 'date', '.metadata.creationTimestamp', ''],
      [
        'Guard',
        'string',
        '.status.conditions[?(@.type=="GuardActive")].status',
        'Whether nothing leaves unmapped.',
        1,
      ],
    ],
  });
}
