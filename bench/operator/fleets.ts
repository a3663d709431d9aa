import { parse } from 'yaml';

import { parseFleet, planFleet, type FleetSpec } from '#pkg/fleet-spec';
import { SAMPLE } from '../../tests/harness/sample-fleet.ts';

/** One fleet to apply, and how many workers follow from it: one Deployment, ConfigMap, budget and pool each. */
export interface BenchFleet {
  readonly namespace: string;
  readonly manifest: object;
  readonly boxes: readonly string[];
  readonly workers: number;
}

interface SampleObject {
  readonly spec: Record<string, unknown> & {
    readonly trading: { readonly boxes: readonly Record<string, unknown>[] };
  };
}

const CORE_BOXES = ['hyperion', 'athena', 'tyche'] as const;

/** Returns the sample with `boxCount` boxes, all named after `name`, in a namespace of that name. */
export function makeFleet(name: string, boxCount: number, number: number): BenchFleet {
  const sample = parse(SAMPLE) as SampleObject;
  const [pattern] = sample.spec.trading.boxes;
  const trading = Array.from({ length: boxCount - CORE_BOXES.length }, (_, index) => ({
    ...pattern,
    name: `${name}-${index + 1}`,
    egressIP: address(198, number, index + 10),
  }));
  const named = (box: string): string => `${name}-${box}`;
  const text = JSON.stringify({
    ...sample,
    metadata: { name: 'kraite', namespace: name },
    spec: {
      ...sample.spec,
      exchange: {
        venue: 'binance',
        mode: 'simulated',
        endpoints: {
          rest: 'http://venue.example:9090',
          publicStream: 'ws://venue.example:9090',
          marketStream: 'ws://venue.example:9090',
          privateStream: 'ws://venue.example:9090',
        },
      },
      core: { ...(sample.spec['core'] as object), box: named('hyperion') },
      brain: {
        ...(sample.spec['brain'] as object),
        box: named('athena'),
        egressIP: address(198, number, 1),
      },
      indicators: {
        ...(sample.spec['indicators'] as object),
        box: named('tyche'),
        egressIP: address(198, number, 2),
      },
      controlPlane: { boxes: CORE_BOXES.map(named) },
      network: {
        privateCIDR: '10.0.0.0/8',
        boxes: [...CORE_BOXES.map(named), ...trading.map((box) => box.name)].map((box, index) => ({
          name: box,
          privateIP: address(10, number, index + 1),
        })),
      },
      trading: { boxes: trading },
    },
  });
  const parsed = parseFleet(text, { file: `${name}.json`, target: 'cluster' });
  if (parsed.kind === 'invalid') {
    throw new Error(`the fleet of the measurement is wrong: ${JSON.stringify(parsed.mistakes)}`);
  }
  return describe(name, JSON.parse(text) as object, parsed.fleet.spec);
}

function describe(namespace: string, manifest: object, spec: FleetSpec): BenchFleet {
  const { boxes, workloads } = planFleet(spec);
  return {
    namespace,
    manifest,
    boxes: boxes.map((box) => box.name),
    workers: workloads.filter(({ kind }) => kind === 'worker').length,
  };
}

/** Addresses of the block for measurements (198.18.0.0/15, RFC 2544) or of a private one. */
function address(first: 198 | 10, number: number, host: number): string {
  return first === 198 ? `198.18.${number}.${host}` : `10.0.${number}.${host}`;
}
