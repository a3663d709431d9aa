import { describe, expect, it, test } from 'vitest';

import type { FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { allObjects, contextWith, sharedObjects } from '../../tests/harness/fleet-objects.ts';
import { mayReach, type Peer } from '../../tests/harness/network-rules.ts';

const POD_ADDRESS = '10.42.1.7';

const pod = (namespace: string, labels: Readonly<Record<string, string>>): Peer => ({
  pod: { namespace, labels },
  address: POD_ADDRESS,
});
const OUTSIDE = {
  venue: { address: '18.65.3.1' },
  stranger: { address: '198.51.100.7' },
  privateBox: { address: '10.0.0.14' },
  metadata: { address: '169.254.169.254' },
} as const satisfies Readonly<Record<string, Peer>>;
const OTHERS = {
  dns: pod('kube-system', { 'k8s-app': 'kube-dns' }),
  prometheus: pod('monitoring', { 'app.kubernetes.io/name': 'prometheus' }),
  operator: pod('kraite-system', { 'app.kubernetes.io/name': 'kraite-operator' }),
  probe: pod('kraite-system', { 'app.kubernetes.io/name': 'kraite-egress-probe' }),
  neighbour: pod('kraite', { app: 'other' }),
  foreign: pod('elsewhere', {
    'fleet.kraite.io/fleet': 'kraite',
    'fleet.kraite.io/workload': 'worker',
  }),
} as const satisfies Readonly<Record<string, Peer>>;

/** The fleet as a network: its policies, and its pods by the kind of their workload. */
function networkOf(change: (spec: FleetObject['spec']) => FleetObject['spec']) {
  const objects = [...allObjects(contextWith(change)), ...sharedObjects()];
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const pods = new Map(objects.flatMap((object) => podsOf(object)));
  const of = (kind: string): Peer => {
    const peer = pods.get(kind);
    if (peer === undefined) throw new Error(`the fleet has no ${kind}`);
    return peer;
  };
  return {
    kinds: [...pods.keys()],
    of,
    reaches: (from: Peer, to: Peer, port: number, protocol = 'TCP') =>
      mayReach(policies, from, { to, port, protocol }),
  };
}

function podsOf(object: KubeObject): readonly (readonly [string, Peer])[] {
  const { template } = (object['spec'] ?? {}) as {
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    };
  };
  if (template === undefined || object.kind === 'DaemonSet') return [];
  const { labels } = template.metadata;
  return [[labels['fleet.kraite.io/workload'] ?? '', pod('kraite', labels)]];
}

const live = networkOf((spec) => ({ ...spec, exchange: { ...spec.exchange, mode: 'live' } }));
const PROCESSES = live.kinds.filter((kind) => kind !== 'mysql' && kind !== 'redis');

describe('database and Redis', () => {
  test.each(PROCESSES)('are reached by the process %s', (kind) => {
    expect(live.reaches(live.of(kind), live.of('mysql'), 3306)).toBe(true);
    expect(live.reaches(live.of(kind), live.of('redis'), 6379)).toBe(true);
    expect(live.reaches(live.of(kind), live.of('mysql'), 33060)).toBe(false);
  });

  test.each(Object.entries({ ...OTHERS, ...OUTSIDE }))('are not reached by %s', (_name, peer) => {
    expect(live.reaches(peer, live.of('mysql'), 3306)).toBe(false);
    expect(live.reaches(peer, live.of('redis'), 6379)).toBe(false);
  });

  it('reach nobody, not each other either', () => {
    const peers = [...Object.values(OTHERS), ...Object.values(OUTSIDE), live.of('worker')];
    for (const server of ['mysql', 'redis']) {
      for (const port of [53, 80, 443, 3306, 6379, 9464]) {
        const all = [...peers, live.of(server === 'mysql' ? 'redis' : 'mysql')];
        expect(all.filter((peer) => live.reaches(live.of(server), peer, port))).toEqual([]);
      }
    }
  });
});

describe('what strangers reach', () => {
  test.each(PROCESSES)('of %s is nothing but the ports of the sites', (kind) => {
    const open = [80, 443, 3306, 6379, 8080, 8443, 9464].filter((port) =>
      live.reaches(OUTSIDE.stranger, live.of(kind), port),
    );
    expect(open).toEqual(kind === 'web' ? [8080, 8443] : []);
  });
});

describe('health ports', () => {
  test.each(PROCESSES)('of %s are read by the operator and Prometheus, and by no other', (kind) => {
    const readers = Object.entries({ ...OTHERS, ...OUTSIDE, worker: live.of('worker') })
      .filter(([, peer]) => live.reaches(peer, live.of(kind), 9464))
      .map(([name]) => name);
    expect(readers).toEqual(['prometheus', 'operator']);
  });
});

describe('what leaves the cluster', () => {
  const callers = (network: typeof live, to: Peer, port: number) =>
    network.kinds.filter((kind) => network.reaches(network.of(kind), to, port));

  it('comes, for real money, from what calls the venue only, and goes to public addresses by TLS only', () => {
    expect(callers(live, OUTSIDE.venue, 443).toSorted()).toEqual([
      'market-stream',
      'user-stream',
      'worker',
    ]);
    expect(callers(live, OUTSIDE.venue, 80)).toEqual([]);
    expect(callers(live, OUTSIDE.privateBox, 443)).toEqual([]);
  });

  it('goes anywhere when the venue is simulated, but never to what a cloud tells its servers', () => {
    const simulated = networkOf((spec) => spec);
    expect(callers(simulated, OUTSIDE.privateBox, 9700)).toContain('worker');
    for (const network of [live, simulated]) {
      expect(callers(network, OUTSIDE.metadata, 80)).toEqual([]);
    }
  });

  it('comes from the sites when an authority is asked for certificates', () => {
    const asking = networkOf(({ web, ...spec }) => ({
      ...spec,
      exchange: { ...spec.exchange, mode: 'live' },
      web: { ...web, tls: { acmeEmail: 'ops@example.org', secret: null } },
    }));
    expect(callers(asking, OUTSIDE.venue, 443)).toContain('web');
  });

  it('reaches a server that a person brings on the private network only', () => {
    const brought = networkOf(({ core, ...spec }) => ({
      ...spec,
      exchange: { ...spec.exchange, mode: 'live' },
      core: { ...core, mysql: { ...core.mysql, existing: { secret: 'brought' } } },
    }));
    expect(callers(brought, OUTSIDE.privateBox, 3306).toSorted()).toEqual(
      [...PROCESSES].toSorted(),
    );
    expect(callers(brought, OUTSIDE.stranger, 3306)).toEqual([]);
  });

  test.each(PROCESSES)('leaves %s the names of others to look up', (kind) => {
    expect(live.reaches(live.of(kind), OTHERS.dns, 53, 'UDP')).toBe(true);
    expect(live.reaches(live.of(kind), OTHERS.neighbour, 53, 'UDP')).toBe(false);
  });
});

describe('the probe of an address', () => {
  it('asks public services, and answers nobody', () => {
    expect(live.reaches(OTHERS.probe, OUTSIDE.stranger, 443)).toBe(true);
    expect(live.reaches(OTHERS.probe, OUTSIDE.metadata, 80)).toBe(false);
    expect(live.reaches(OUTSIDE.stranger, OTHERS.probe, 9464)).toBe(false);
    expect(live.reaches(OTHERS.operator, OTHERS.probe, 9464)).toBe(false);
  });
});

test('pods of others in the namespace are not bound', () => {
  expect(live.reaches(OTHERS.neighbour, OUTSIDE.venue, 443)).toBe(true);
});
