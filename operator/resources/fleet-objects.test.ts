import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { ANNOTATIONS, LABELS } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { readGolden } from '../../tests/harness/golden.ts';
import {
  allObjects,
  contextOf,
  contextWith,
  CREDENTIALS,
  keyOf,
  renderYaml,
  sharedObjects,
} from '../../tests/harness/fleet-objects.ts';
import { breachesOf, podSpecOf } from '../../tests/harness/restricted-pods.ts';
import { buildFleetObjects } from './fleet-objects.ts';

const EXISTING = { secret: 'brought' };
const OTHER_BOXES = new Map([
  ['iris', '203.0.113.14'],
  ['nyx', '203.0.113.15'],
  ['hemera', '203.0.113.16'],
]);
const HASHES = /template-hash: .*/g;

function boxOf({ metadata }: KubeObject): string {
  return metadata.labels?.[LABELS.box] ?? '';
}

const RELEASE = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  }
).version;

function hashesOf(objects: readonly KubeObject[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    objects.flatMap((object) => {
      const { template } = (object['spec'] ?? {}) as {
        readonly template?: { readonly metadata: KubeObject['metadata'] };
      };
      const hash = template?.metadata.annotations?.[ANNOTATIONS.templateHash];
      return hash === undefined ? [] : [[keyOf(object), hash]];
    }),
  );
}

function isOfOtherBox(object: KubeObject): boolean {
  return OTHER_BOXES.has(boxOf(object));
}

describe('the objects of a fleet', () => {
  it('are for the sample what the golden file holds', () => {
    const objects = [...sharedObjects(), ...allObjects(contextOf())];
    const text = renderYaml(objects.filter((object) => !isOfOtherBox(object)));
    expect(text).toBe(readGolden('tests/golden/fleet-objects.yaml', text));
  });

  it('are the same for all trading boxes but for name and address, which the golden file leaves out', () => {
    const objects = allObjects(contextOf());
    const textOf = (box: string) =>
      renderYaml(objects.filter((object) => boxOf(object) === box)).replaceAll(HASHES, '');
    const first = textOf('eos').replaceAll('203.0.113.13', 'ADDRESS').replaceAll('eos', 'BOX');
    for (const [name, address] of OTHER_BOXES) {
      expect(textOf(name).replaceAll(address, 'ADDRESS').replaceAll(name, 'BOX')).toBe(first);
    }
  });

  it('have a name each, of at most 52 characters where they stand in a namespace', () => {
    const objects = [...sharedObjects(), ...allObjects(contextOf())];
    expect(new Set(objects.map(keyOf)).size).toBe(objects.length);
    const namespaced = objects.filter(({ metadata }) => metadata.namespace !== undefined);
    expect(namespaced.filter(({ metadata }) => metadata.name.length > 52)).toEqual([]);
  });

  it('go with the fleet, but for the data and the keys to it', () => {
    const kept = allObjects(contextOf())
      .filter(({ metadata }) => metadata.namespace !== undefined)
      .filter(({ metadata }) => metadata.ownerReferences === undefined);
    expect(kept.map(keyOf)).toEqual([
      'PersistentVolumeClaim/kraite-mysql',
      'PersistentVolumeClaim/kraite-redis',
      'Secret/kraite-core',
      'Secret/kraite-account-key',
      'Secret/kraite-admin',
    ]);
  });

  it('hold no secret but in Secrets', () => {
    const others = allObjects(contextOf()).filter(({ kind }) => kind !== 'Secret');
    const text = JSON.stringify(others);
    for (const value of Object.values(CREDENTIALS)) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value as string).toString('base64'));
    }
  });

  it('make pods of the restricted level only', () => {
    const pods = allObjects(contextOf()).flatMap((object) => {
      const spec = podSpecOf(object);
      return spec === undefined ? [] : [{ key: keyOf(object), breaches: breachesOf(spec) }];
    });
    // Two servers, the migration, five of the brain and its two lanes, four boxes of four lanes, three of tyche's.
    expect(pods).toHaveLength(2 + 1 + 5 + 2 + 16 + 3);
    expect(pods.filter(({ breaches }) => breaches.length > 0)).toEqual([]);
  });

  it('start no server that a person brings, and nothing of it', () => {
    const context = contextWith((spec) => ({
      ...spec,
      core: {
        ...spec.core,
        mysql: { ...spec.core.mysql, existing: EXISTING },
        redis: { ...spec.core.redis, existing: EXISTING },
      },
    }));
    const { core, foundation } = buildFleetObjects(context, CREDENTIALS);
    expect(core).toEqual([]);
    const names = foundation.map(keyOf).filter((key) => /mysql|redis/.test(key));
    expect(names).toEqual([]);
  });
});

describe('the pods of a fleet', () => {
  const templatesOf = (context: ReturnType<typeof contextOf>): ReadonlyMap<string, string> =>
    new Map(
      allObjects(context).flatMap((object) => {
        const { template } = (object['spec'] ?? {}) as { readonly template?: unknown };
        return template === undefined ? [] : [[keyOf(object), JSON.stringify(template)]];
      }),
    );

  it('are the same with other numbers of slots, windows and time-outs', () => {
    const other = contextWith((spec) => ({
      ...spec,
      paused: true,
      update: { ...spec.update, drainTimeout: '5m', slotsOwner: 'fleet' },
      trading: {
        boxes: spec.trading.boxes.map((box) => ({ ...box, lanes: { ...box.lanes, orders: 50 } })),
      },
    }));
    expect(templatesOf(other)).toEqual(templatesOf(contextOf()));
  });

  it('do not change with the release of the operator', () => {
    const context = contextWith((spec) => ({ ...spec, version: '9.9.9', image: 'kraite:9.9.9' }));
    const objects = JSON.stringify(allObjects(context));
    expect(objects).not.toContain(RELEASE);
    // Those of release 0.1.0. A line that changes here restarts that process in every fleet when its operator is upgraded.
    const hashes = hashesOf(allObjects(contextOf()));
    const text = `${JSON.stringify(hashes, null, 2)}\n`;
    expect(text).toBe(readGolden('tests/golden/pod-templates-0.1.0.json', text));
  });

  it('of one box do not change when another box comes', () => {
    const before = templatesOf(contextOf());
    const after = templatesOf(
      contextWith((spec) => {
        const [first] = spec.trading.boxes;
        if (first === undefined) throw new Error('the sample trades somewhere');
        const added = { ...first, name: 'selene', egressIP: '203.0.113.99' };
        const network = {
          ...spec.network,
          boxes: [...spec.network.boxes, { name: 'selene', privateIP: '10.0.0.99' }],
        };
        return { ...spec, network, trading: { boxes: [...spec.trading.boxes, added] } };
      }),
    );
    for (const [key, template] of before) expect(after.get(key), key).toBe(template);
    expect(after.size).toBe(before.size + 4);
  });

  it('of the servers stay as they are when the version of the fleet changes; the others are new', () => {
    const before = templatesOf(contextOf());
    const after = templatesOf(contextWith((spec) => ({ ...spec, version: '0.2.0' })));
    const same = [...before].filter(([key, template]) => after.get(key) === template);
    expect(same.map(([key]) => key)).toEqual([
      'StatefulSet/kraite-hyperion-mysql',
      'StatefulSet/kraite-hyperion-redis',
    ]);
    const jobs = (keys: Iterable<string>) => [...keys].filter((key) => key.startsWith('Job/'));
    expect(jobs(after.keys())).toHaveLength(1);
    expect(jobs(after.keys())).not.toEqual(jobs(before.keys()));
  });
});
