import { describe, expect, it } from 'vitest';

import { changed, lineWith, mistakesOf, type Refusal } from '../../tests/harness/sample-fleet.ts';

const EOS = lineWith('- name: eos', 2);

const SHAPES: readonly Refusal[] = [
  {
    name: 'a wrong apiVersion',
    text: changed('v1alpha1\n', 'v1\n'),
    says: [
      `fleet.yaml:${lineWith('apiVersion:')}: apiVersion: fleet.kraite.io/v1 is not known; write fleet.kraite.io/v1alpha1`,
    ],
  },
  {
    name: 'an unknown field with a near name',
    text: changed('drainTimeout', 'drainTimeOut'),
    says: [
      `fleet.yaml:${lineWith('drainTimeout')}: spec.update.drainTimeOut: unknown field; did you mean drainTimeout?`,
    ],
  },
  {
    name: 'an unknown field like nothing else',
    text: changed('  web:\n', '  web:\n    colour: red\n'),
    says: [
      `fleet.yaml:${lineWith('  web:') + 1}: spec.web.colour: unknown field; known here: adminHost, publicHost, docsHost, tls`,
    ],
  },
  {
    name: 'a missing field',
    text: changed('    egressIP: 203.0.113.12\n', ''),
    says: [
      `fleet.yaml:${lineWith('  brain:')}: spec.brain.egressIP: is missing; write it. Public IPv4 address that the venue sees requests of this box come from: its identity and budget key.`,
    ],
  },
  {
    name: 'a field without a value',
    text: changed('egressIP: 203.0.113.12', 'egressIP:'),
    says: [
      `fleet.yaml:${lineWith('203.0.113.12')}: spec.brain.egressIP: has no value; write a value`,
    ],
  },
  {
    name: 'an address that is none',
    text: changed('203.0.113.13', '203.0.113.300'),
    says: [
      `fleet.yaml:${EOS + 1}: spec.trading.boxes[0].egressIP: 203.0.113.300 is not an IPv4 address`,
    ],
  },
  {
    name: 'a network that is none',
    text: changed('10.0.0.0/16', '10.0.0.1/16'),
    says: [
      `fleet.yaml:${lineWith('privateCIDR')}: spec.network.privateCIDR: 10.0.0.1/16 is not an IPv4 network; write it like 10.0.0.0/16, with zeros after the prefix`,
    ],
  },
  {
    name: 'a number as text',
    text: changed('positions: 5', "positions: '5'"),
    says: [
      `fleet.yaml:${EOS + 3}: spec.trading.boxes[0].lanes.positions: the text "5" stands where there must be a number; write 5 without quotes`,
    ],
  },
  {
    name: 'a number out of range',
    text: changed('positions: 5', 'positions: 500'),
    says: [
      `fleet.yaml:${EOS + 3}: spec.trading.boxes[0].lanes.positions: 500 is out of range; write a whole number from 0 to 200`,
    ],
  },
  {
    name: 'half a slot',
    text: changed('positions: 5', 'positions: 2.5'),
    says: [
      `fleet.yaml:${EOS + 3}: spec.trading.boxes[0].lanes.positions: 2.5 is not a whole number; write a whole number from 0 to 200`,
    ],
  },
  {
    name: 'text as a switch',
    text: changed('paused: false', "paused: 'no'"),
    says: [
      `fleet.yaml:${lineWith('paused')}: spec.paused: the text "no" stands where there must be true or false, without quotes`,
    ],
  },
  {
    name: 'a number as a version',
    text: changed("version: '0.1.0'", 'version: 0.1'),
    says: [
      `fleet.yaml:${lineWith('version:')}: spec.version: the number 0.1 stands where there must be text; write "0.1" in quotes`,
    ],
  },
  {
    name: 'a list in place of a group',
    text: changed(/endpoints:\n(.+\n){4}/, 'endpoints: []\n'),
    says: [
      `fleet.yaml:${lineWith('endpoints:')}: spec.exchange.endpoints: a list stands where there must be fields, each as \`name: value\` on a line of its own`,
    ],
  },
  {
    name: 'an unknown mode',
    text: changed('mode: simulated', 'mode: simulate'),
    says: [
      `fleet.yaml:${lineWith('mode: ')}: spec.exchange.mode: simulate is none of simulated, testnet, live; did you mean simulated?`,
    ],
  },
  {
    name: 'a duration without a unit',
    text: changed('drainTimeout: 20m', "drainTimeout: '20'"),
    says: [
      `fleet.yaml:${lineWith('drainTimeout')}: spec.update.drainTimeout: 20 is not a duration; write a number with ms, s, m or h, like 90s or 20m`,
    ],
  },
  {
    name: 'a size without a unit',
    text: changed('storage: 80Gi', 'storage: 80 GB'),
    says: [
      `fleet.yaml:${lineWith('storage')}: spec.core.mysql.storage: 80 GB is not a size; write a number with Mi, Gi or Ti, like 80Gi`,
    ],
  },
  {
    name: 'a name that is no DNS label',
    text: changed('name: kraite', 'name: Kraite_Fleet'),
    says: [
      `fleet.yaml:${lineWith('name: kraite')}: metadata.name: Kraite_Fleet is not a DNS label; use lower-case letters, digits and "-", at most 63`,
    ],
  },
  {
    name: 'no trading box',
    text: changed(/(trading:\n {4}boxes:)(\n {6}.+| {8}.+)+/, '$1 []'),
    says: [
      `fleet.yaml:${lineWith('trading:') + 1}: spec.trading.boxes: is empty; write at least 1 entry`,
    ],
  },
];

describe('parseFleet refuses a field', () => {
  it.each(SHAPES)('$name', ({ text, target, says }) => {
    expect(mistakesOf(text, target)).toEqual(says);
  });
});
