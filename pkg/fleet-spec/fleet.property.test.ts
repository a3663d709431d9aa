import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { id, LANES, type BoxName } from '#pkg/domain';
import { diffFleets } from './diff-fleets.ts';
import { parseFleet } from './parse.ts';
import { planFleet } from './plan-fleet.ts';
import type { KraiteFleet } from './schema.ts';

const slots = fc.integer({ min: 1, max: 200 });

/** Valid objects: any number of trading boxes, any slots, any of the switches. */
const fleets: fc.Arbitrary<KraiteFleet> = fc
  .record({
    count: fc.integer({ min: 1, max: 16 }),
    lanes: fc.array(fc.record({ positions: slots, orders: slots, priority: slots, own: slots }), {
      minLength: 16,
      maxLength: 16,
    }),
    brain: fc.record({ 'user-data-stream': slots, own: slots }),
    indicators: fc.record({ indicators: slots, cronjobs: slots, own: slots }),
    isPaused: fc.boolean(),
    hasStandby: fc.boolean(),
    mode: fc.constantFrom('simulated', 'testnet', 'live'),
    drainMinutes: fc.integer({ min: 1, max: 120 }),
  })
  .map((drawn) => {
    const names = Array.from({ length: drawn.count }, (_, index) => `trader-${index + 1}`);
    const text = stringify({
      apiVersion: 'fleet.kraite.io/v1alpha1',
      kind: 'KraiteFleet',
      metadata: { name: 'drawn' },
      spec: {
        paused: drawn.isPaused,
        exchange: { mode: drawn.mode },
        core: { box: 'core' },
        brain: {
          box: 'brain',
          egressIP: '203.0.113.1',
          standbyBox: drawn.hasStandby ? 'indicators' : null,
          lanes: drawn.brain,
        },
        indicators: { box: 'indicators', egressIP: '203.0.113.2', lanes: drawn.indicators },
        trading: {
          boxes: names.map((name, index) => ({
            name,
            egressIP: `203.0.113.${index + 10}`,
            lanes: drawn.lanes[index],
          })),
        },
        network: {
          boxes: ['core', 'brain', 'indicators', ...names].map((name, index) => ({
            name,
            privateIP: `10.0.1.${index + 1}`,
          })),
        },
        update: { drainTimeout: `${drawn.drainMinutes}m` },
      },
    });
    return parseValid(text);
  });

function parseValid(text: string): KraiteFleet {
  const parsed = parseFleet(text, { file: 'drawn.yaml' });
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.fleet;
}

describe('any valid fleet', () => {
  it('plans workloads of distinct names on distinct addresses', () => {
    fc.assert(
      fc.property(fleets, ({ spec }) => {
        const plan = planFleet(spec);
        const names = plan.workloads.map((each) => each.name);
        expect(new Set(names).size).toBe(names.length);
        expect(new Set(plan.boxes.map((box) => box.bindAddress)).size).toBe(plan.boxes.length);
      }),
    );
  });

  it('has a capacity that adds up box by box, whichever boxes are lost', () => {
    fc.assert(
      fc.property(fleets, fc.infiniteStream(fc.boolean()), ({ spec }, coins) => {
        const names = spec.network.boxes.map((box) => id<BoxName>(box.name));
        const lost = names.filter(() => coins.next().value);
        const plan = planFleet(spec, { lost });
        for (const lane of LANES) {
          const workers = plan.workloads.filter((each) => each.lane === lane);
          const left = workers.filter((each) => !lost.includes(each.box));
          const sum = (those: typeof workers): number =>
            those.reduce((total, each) => total + (each.slots ?? 0), 0);
          expect(plan.capacity[lane]).toEqual({ slots: sum(workers), slotsLeft: sum(left) });
        }
      }),
    );
  });

  it('is the same object after formatting and parsing', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        expect(parseValid(stringify(fleet))).toEqual(fleet);
        expect(diffFleets(fleet, parseValid(JSON.stringify(fleet)), { openPositions: 1 })).toEqual(
          [],
        );
      }),
    );
  });

  it('is refused in sentences, never with a crash, when any field is replaced by anything', () => {
    fc.assert(
      fc.property(fleets, fc.nat(), fc.jsonValue(), (fleet, where, value) => {
        const copy = structuredClone(fleet) as unknown as Record<string, unknown>;
        replaceField(copy, where, value);
        const parsed = parseFleet(stringify(copy), { file: 'drawn.yaml' });
        const isUseful =
          parsed.kind === 'valid'
            ? planFleet(parsed.fleet.spec).workloads.length > 0
            : parsed.mistakes.every((each) => each.line >= 1 && each.message.length > 0);
        expect(isUseful).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function replaceField(root: Record<string, unknown>, where: number, value: unknown): void {
  const places: (() => void)[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const holder = node as Record<string, unknown>;
    for (const name of Object.keys(holder)) {
      places.push(() => {
        holder[name] = value;
      });
      walk(holder[name]);
    }
  };
  walk(root);
  places[where % places.length]?.();
}
