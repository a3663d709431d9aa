import { describe, expect, it } from 'vitest';

import { fleetOf, SAMPLE } from '../../tests/harness/sample-fleet.ts';
import { diffFleets } from './diff-fleets.ts';
import type { KraiteFleet } from './schema.ts';

function fleetWith(...edits: readonly (readonly [string | RegExp, string])[]): KraiteFleet {
  return fleetOf(edits.reduce((before, [from, to]) => before.replace(from, to), SAMPLE));
}

function changes(after: KraiteFleet, openPositions = 0): readonly string[] {
  return diffFleets(fleetWith(), after, { openPositions }).map(
    (change) => `${change.class} ${change.path}`,
  );
}

const PHEME = `      - name: tyche
        privateIP: 10.0.0.17
      - name: pheme
        privateIP: 10.0.0.18
`;

describe('diffFleets', () => {
  it('finds nothing between an object and itself', () => {
    expect(changes(fleetWith())).toEqual([]);
  });

  it.each([
    ['slots', [/orders: 8/, 'orders: 4'], ['live spec.trading.boxes[eos].lanes.orders']],
    ['a pause', ['paused: false', 'paused: true'], ['live spec.paused']],
    [
      'update settings',
      ['maxUnavailable: 1', 'maxUnavailable: 2'],
      ['live spec.update.maxUnavailable'],
    ],
    ['a larger volume', ['80Gi', '100Gi'], ['live spec.core.mysql.storage']],
    ['a smaller volume', ['80Gi', '60Gi'], ['refused spec.core.mysql.storage']],
    ['an address', ['203.0.113.15', '203.0.113.99'], ['restart spec.trading.boxes[nyx].egressIP']],
    ['a version', ["version: '0.1.0'", "version: '0.2.0'"], ['restart spec.version']],
    ['the name of the fleet', ['name: kraite', 'name: other'], ['refused metadata.name']],
    [
      'the mode, while nothing is open',
      ['mode: simulated', 'mode: testnet'],
      ['restart spec.exchange.mode'],
    ],
  ] as const)('classes %s', (_name, edit, expected) => {
    expect(changes(fleetWith(edit as unknown as readonly [string | RegExp, string]))).toEqual(
      expected,
    );
  });

  it('refuses another mode while positions are open, and says why', () => {
    const after = fleetWith(['mode: simulated', 'mode: testnet']);
    const [change] = diffFleets(fleetWith(), after, { openPositions: 3 });
    expect(change).toEqual({
      path: 'spec.exchange.mode',
      class: 'refused',
      before: 'simulated',
      after: 'testnet',
      message: '3 positions are open there; close them first',
    });
  });

  it('refuses to move the box that holds the data', () => {
    const after = fleetWith([/box: hyperion/, 'box: pheme'], [/ {6}- name: tyche\n.+\n/, PHEME]);
    expect(changes(after)).toContain('refused spec.core.box');
  });

  it('names an added trading box once, by name', () => {
    const added = `  trading:
    boxes:
      - name: pheme
        egressIP: 203.0.113.18
`;
    const after = fleetWith(
      [/ {6}- name: tyche\n.+\n/, PHEME],
      [/ {2}trading:\n {4}boxes:\n/, added],
    );
    expect(changes(after)).toEqual([
      'restart spec.network.boxes[pheme]',
      'restart spec.trading.boxes[pheme]',
    ]);
  });
});
