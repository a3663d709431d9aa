import { describe, expect, it } from 'vitest';

import {
  changed,
  lineWith,
  mistakesOf,
  SAMPLE,
  type Refusal,
} from '../../tests/harness/sample-fleet.ts';

const EOS = lineWith('- name: eos', 2);

const RULES: readonly Refusal[] = [
  {
    name: 'a box twice in the network',
    text: changed('      - name: iris\n        privateIP', '      - name: eos\n        privateIP'),
    says: [
      `fleet.yaml:${lineWith('- name: iris')}: spec.network.boxes[3].name: eos stands in spec.network.boxes[2].name already; name each box once`,
      `fleet.yaml:${lineWith('- name: iris', 2)}: spec.trading.boxes[1].name: no box iris in spec.network.boxes; add it there with its privateIP`,
    ],
  },
  {
    name: 'a trading box twice',
    text: changed('      - name: iris\n        egressIP', '      - name: eos\n        egressIP'),
    says: [
      `fleet.yaml:${lineWith('- name: iris')}: spec.network.boxes[3].name: no role names iris; give it a role or remove it`,
      `fleet.yaml:${lineWith('- name: iris', 2)}: spec.trading.boxes[1].name: eos stands in spec.trading.boxes[0].name already; name each box once`,
    ],
  },
  {
    name: 'a box in two primary roles',
    text: changed('box: tyche', 'box: athena'),
    says: [
      `fleet.yaml:${lineWith('box: tyche')}: spec.indicators.box: athena is the brain box already (spec.brain.box); give each box one role`,
    ],
  },
  {
    name: 'a role whose box does not exist',
    text: changed('box: tyche', 'box: tych'),
    says: [
      `fleet.yaml:${lineWith('box: tyche')}: spec.indicators.box: no box tych in spec.network.boxes; did you mean tyche?`,
    ],
  },
  {
    name: 'a box without a role',
    text: changed(
      '        privateIP: 10.0.0.17\n',
      '        privateIP: 10.0.0.17\n      - name: pheme\n        privateIP: 10.0.0.18\n',
    ),
    says: [
      `fleet.yaml:${lineWith('10.0.0.17') + 1}: spec.network.boxes[7].name: no role names pheme; give it a role or remove it`,
    ],
  },
  {
    name: 'a control plane box that does not exist',
    text: changed('- tyche\n', '- pheme\n'),
    says: [
      `fleet.yaml:${lineWith('- tyche')}: spec.controlPlane.boxes[1]: no box pheme in spec.network.boxes; add it there with its privateIP`,
    ],
  },
  {
    name: 'an even control plane',
    text: changed('      - tyche\n', ''),
    says: [
      `fleet.yaml:${lineWith('controlPlane:') + 1}: spec.controlPlane.boxes: 2 boxes survive no more losses than 1; name an odd number`,
    ],
  },
  {
    name: 'a control plane box twice',
    text: changed('- tyche\n', '- athena\n'),
    says: [
      `fleet.yaml:${lineWith('- tyche')}: spec.controlPlane.boxes[1]: athena stands in spec.controlPlane.boxes[0] already; name each box once`,
    ],
  },
  {
    name: 'a standby that does not exist',
    text: changed('standbyBox: null', 'standbyBox: pheme'),
    says: [
      `fleet.yaml:${lineWith('standbyBox')}: spec.brain.standbyBox: no box pheme in spec.network.boxes; add it there with its privateIP`,
      `fleet.yaml:${lineWith('standbyBox')}: spec.brain.standbyBox: pheme has no egress address; name a trading box or the indicator box`,
    ],
  },
  {
    name: 'a brain that stands by for itself',
    text: changed('standbyBox: null', 'standbyBox: athena'),
    says: [
      `fleet.yaml:${lineWith('standbyBox')}: spec.brain.standbyBox: athena is the brain box; name a trading box or the indicator box`,
    ],
  },
  {
    name: 'a replica that does not exist',
    text: changed('replicaBox: null', 'replicaBox: eoss'),
    says: [
      `fleet.yaml:${lineWith('replicaBox')}: spec.core.replicaBox: no box eoss in spec.network.boxes; did you mean eos?`,
    ],
  },
  {
    name: 'a replica beside its database',
    text: changed('replicaBox: null', 'replicaBox: hyperion'),
    says: [
      `fleet.yaml:${lineWith('replicaBox')}: spec.core.replicaBox: hyperion holds the database itself; name another box`,
    ],
  },
  {
    name: 'an egress address twice',
    text: changed('203.0.113.15', '203.0.113.13'),
    says: [
      `fleet.yaml:${lineWith('203.0.113.15')}: spec.trading.boxes[2].egressIP: 203.0.113.13 is the address of eos already (spec.trading.boxes[0].egressIP); give each box its own`,
    ],
  },
  {
    name: 'an egress address of the private network',
    text: changed('203.0.113.15', '10.0.9.9'),
    says: [
      `fleet.yaml:${lineWith('203.0.113.15')}: spec.trading.boxes[2].egressIP: 10.0.9.9 lies in the private network; write the public address that the venue sees`,
    ],
  },
  {
    name: 'a private address twice',
    text: changed('10.0.0.15', '10.0.0.13'),
    says: [
      `fleet.yaml:${lineWith('10.0.0.15')}: spec.network.boxes[4].privateIP: 10.0.0.13 is the address of eos already (spec.network.boxes[2].privateIP); give each box its own`,
    ],
  },
  {
    name: 'a private address outside the network',
    text: changed('10.0.0.15', '10.1.0.15'),
    says: [
      `fleet.yaml:${lineWith('10.0.0.15')}: spec.network.boxes[4].privateIP: 10.1.0.15 lies outside spec.network.privateCIDR 10.0.0.0/16; correct one of them`,
    ],
  },
  {
    name: 'a lane without a slot in any box',
    text: SAMPLE.replaceAll('orders: 8', 'orders: 0'),
    says: [
      `fleet.yaml:${EOS + 4}: spec.trading.boxes[0].lanes.orders: the lane orders has 0 slots in each of its 4 boxes, so its steps would never run; write 1 or more`,
    ],
  },
  {
    name: 'a lane without a slot in its only box',
    text: changed('cronjobs: 3', 'cronjobs: 0'),
    says: [
      `fleet.yaml:${lineWith('cronjobs')}: spec.indicators.lanes.cronjobs: the lane cronjobs has 0 slots in its only box, so its steps would never run; write 1 or more`,
    ],
  },
  {
    name: 'a box that cannot run its own steps',
    text: changed('own: 1', 'own: 0'),
    says: [
      `fleet.yaml:${lineWith('own: 1')}: spec.indicators.lanes.own: 0 slots would never run the steps pinned to tyche; write 1 or more`,
    ],
  },
  {
    name: 'endpoints of its own in live',
    text: changed('mode: simulated', 'mode: live').replace("rest: ''", 'rest: https://example.org'),
    says: [
      `fleet.yaml:${lineWith("rest: ''")}: spec.exchange.endpoints.rest: must be empty in mode live, where keys are sent to the venue's own hosts only`,
    ],
  },
  {
    name: 'a simulated venue without endpoints in a cluster',
    text: changed("rest: ''", 'rest: http://10.0.0.30:9090'),
    target: 'cluster',
    says: ['publicStream', 'marketStream', 'privateStream'].map(
      (name) =>
        `fleet.yaml:${lineWith(`${name}:`)}: spec.exchange.endpoints.${name}: is empty; in a cluster a simulated venue needs its URL here`,
    ),
  },
  {
    name: 'an update that leaves no trading box',
    text: changed('maxUnavailable: 1', 'maxUnavailable: 4'),
    says: [
      `fleet.yaml:${lineWith('maxUnavailable')}: spec.update.maxUnavailable: 4 of 4 trading boxes may be away at once, so none would be left; write less`,
    ],
  },
  {
    name: 'a drain that is too short',
    text: changed('drainTimeout: 20m', 'drainTimeout: 5s'),
    says: [
      `fleet.yaml:${lineWith('drainTimeout')}: spec.update.drainTimeout: 5s is too short to finish an order; write 60s or more`,
    ],
  },
  {
    name: 'backups without a pause',
    text: changed('fullEvery: 3h', 'fullEvery: 1m'),
    says: [
      `fleet.yaml:${lineWith('fullEvery')}: spec.core.backup.fullEvery: 1m would back up without a pause; write 10m or more`,
    ],
  },
  {
    name: 'an update window that is too short',
    text: changed('windows: []', 'windows: [{ from: "02:00", lasts: 5m }]'),
    says: [
      `fleet.yaml:${lineWith('windows')}: spec.update.windows[0].lasts: 5m is too short to update a box; write 10m or more`,
    ],
  },
  {
    name: 'two sites of one name',
    text: changed('docsHost: syntax.localhost', 'docsHost: localhost'),
    says: [
      `fleet.yaml:${lineWith('docsHost')}: spec.web.docsHost: localhost is spec.web.publicHost already; the sites are told apart by host name`,
    ],
  },
  {
    name: 'certificates from two sources',
    text: changed('acmeEmail: null', 'acmeEmail: a@example.org').replace(
      'secret: null',
      'secret: tls',
    ),
    says: [
      `fleet.yaml:${lineWith('tls:')}: spec.web.tls: acmeEmail and secret exclude each other; set one of them to null`,
    ],
  },
];

describe('parseFleet refuses what contradicts itself', () => {
  it.each(RULES)('$name', ({ text, target, says }) => {
    expect(mistakesOf(text, target)).toEqual(says);
  });

  it('names every mistake at once, by line', () => {
    const text = SAMPLE.replace('mode: simulated', 'mode: simulate')
      .replace('203.0.113.15', '203.0.113.300')
      .replaceAll('orders: 8', 'orders: 0')
      .replace('10.0.0.14', '10.1.0.14');
    const numbers = mistakesOf(text).map((each) => Number(each.split(':')[1]));
    expect(numbers).toHaveLength(4);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});
