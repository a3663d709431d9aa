import { describe, expect, test } from 'vitest';

import { API_VERSION, KRAITE_FLEET, type FleetObject, type FleetStatus } from '#operator/api';
import { KubeApiError, KubeUnreachableError } from '#operator/runtime';
import { fleetOf, SAMPLE } from '../../../tests/harness/sample-fleet.ts';
import { UsageError, type CliContext } from '../context.ts';
import { explainClusterError } from './errors.ts';
import { findClusterPlace, type ClusterOptions } from './place.ts';
import { clusterStatusView, describeClusterStatus } from './status.ts';
import { CLUSTER_BOXES_VIEW, CLUSTER_LANES_VIEW } from './views.ts';

const asked = { context: 'prod', server: 'https://10.0.0.12:6443', namespace: 'kraite' };

describe('which fleet is meant', () => {
  const place = (options: ClusterOptions & { state?: string }, invokedAs = './kraite') =>
    findClusterPlace({ invokedAs } as CliContext, options);

  test.each([
    ['nothing said', {}, undefined],
    ['a state folder', { state: 'x' }, undefined],
    ['--cluster', { cluster: true as const }, {}],
    ['a namespace', { namespace: 'kraite' }, { namespace: 'kraite' }],
    ['a context and a name', { context: 'prod', fleet: 'k' }, { context: 'prod', fleet: 'k' }],
  ])('kraite with %s', (_said, options, meant) => {
    expect(place(options)).toEqual(meant);
  });

  test('kubectl kraite means a cluster, unless a state folder is named', () => {
    expect(place({}, 'kubectl kraite')).toEqual({});
    expect(place({ state: 'x' }, 'kubectl kraite')).toBeUndefined();
  });

  test('both at once is wrong use', () => {
    expect(() => place({ state: 'x', namespace: 'kraite' })).toThrow(UsageError);
  });
});

describe('a call that fails says what to do', () => {
  const say = (error: unknown): string => explainClusterError(error, asked).message;
  const refused = (status: number, message: string): KubeApiError =>
    new KubeApiError(status, { message }, { call: 'GET fleets' });

  test.each([
    [
      'an API server that is away',
      new KubeUnreachableError('GET', new Error('lost', { cause: new Error('ECONNREFUSED') }), {
        isOutcomeUnknown: false,
      }),
      /prod \(https:\/\/10\.0\.0\.12:6443\) does not answer: ECONNREFUSED; try {2}kubectl cluster-info/,
    ],
    ['credentials that ended', refused(401, 'Unauthorized'), /renew the credentials/],
    [
      'a role that is missing',
      refused(403, 'cannot list'),
      /cannot list; whoever runs the cluster/,
    ],
    ['a cluster without the operator', refused(404, 'no page'), /install the operator's chart/],
    ['an object that it refuses', refused(422, 'spec.x: wrong'), /refuses: spec\.x: wrong/],
  ])('%s', (_what, error, says) => {
    expect(say(error)).toMatch(says);
  });
});

function fleetWith(status?: FleetStatus): FleetObject {
  const { spec } = fleetOf(SAMPLE);
  return {
    apiVersion: API_VERSION,
    kind: KRAITE_FLEET.kind,
    metadata: { name: 'kraite', namespace: 'kraite', generation: 3 },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

const UPDATING: FleetStatus = {
  observedGeneration: 3,
  phase: 'Updating',
  message: 'The pods of eos are being replaced.',
  summary: { core: '2/2', brain: '5/5', workers: '19/20', egress: '6/6' },
  boxes: [
    { name: 'hyperion', role: 'core', node: 'node-1', isReady: true, version: '0.1.0' },
    {
      name: 'eos',
      role: 'trading',
      node: 'node-3',
      isReady: false,
      reason: 'BoxDraining',
      version: '0.1.0',
      egress: {
        expected: '203.0.113.13',
        observed: '203.0.113.13',
        verifiedAt: '2026-11-27T10:00:00Z',
      },
      lanes: [
        { name: 'orders', desired: 8, ready: 8, busy: 3 },
        { name: 'positions', desired: 5, ready: 5, busy: 0 },
      ],
    },
  ],
  plan: [
    { action: 'replace the pods of eos', waitsFor: '3 running steps', reason: 'BoxDraining' },
    { action: 'replace the pods of iris' },
  ],
  conditions: [
    {
      type: 'Ready',
      status: 'False',
      reason: 'Updating',
      message: 'One box is being replaced.',
      lastTransitionTime: '2026-11-27T10:00:00Z',
    },
    {
      type: 'EgressVerified',
      status: 'True',
      reason: 'AllVerified',
      message: 'Every box leaves from its own address.',
      lastTransitionTime: '2026-11-27T10:00:00Z',
    },
    {
      type: 'Stalled',
      status: 'False',
      reason: 'Progressing',
      message: 'Nothing is in the way.',
      lastTransitionTime: '2026-11-27T10:00:00Z',
    },
  ],
};

describe('what is shown of a fleet in a cluster', () => {
  test('the status says what is, what comes next and what is wrong', () => {
    expect(describeClusterStatus(clusterStatusView(fleetWith(UPDATING), asked))).toBe(
      [
        'Fleet      kraite in namespace kraite (context prod, simulated): Updating',
        '           The pods of eos are being replaced.',
        'Version    not the same on all boxes, wanted 0.1.0',
        'Object     generation 3, seen by the operator',
        'Boxes      1 of 2 ready (core 2/2, brain 5/5, workers 19/20, egress 6/6)',
        'Next       replace the pods of eos, waits for 3 running steps (BoxDraining)',
        '           replace the pods of iris',
        'Ready      False: Updating: One box is being replaced.',
        '',
        'NAME       ROLE      STATE       EGRESS         OBSERVED       BUSY   REASON',
        'hyperion   core      ready       -              -               0/0   -',
        'eos        trading   not ready   203.0.113.13   203.0.113.13   3/13   BoxDraining',
      ].join('\n'),
    );
  });

  test('an object that no operator has seen says so', () => {
    const view = clusterStatusView(fleetWith(), asked);
    expect(view).toMatchObject({ phase: 'Pending', observedGeneration: -1, boxes: [], plan: [] });
    expect(describeClusterStatus(view)).toContain('no operator has looked at it yet');
  });

  test('boxes and lanes are rows with stable names', async () => {
    const fleet = fleetWith(UPDATING);
    const [, eos] = await CLUSTER_BOXES_VIEW.read({ fleet });
    expect(eos).toEqual({
      name: 'eos',
      role: 'trading',
      node: 'node-3',
      isReady: false,
      reason: 'BoxDraining',
      version: '0.1.0',
      egressAddress: '203.0.113.13',
      observedAddress: '203.0.113.13',
      verifiedAt: '2026-11-27T10:00:00Z',
      slots: 13,
      busy: 3,
    });
    expect(await CLUSTER_LANES_VIEW.read({ fleet })).toEqual([
      { box: 'eos', lane: 'orders', slots: 8, ready: 8, busy: 3 },
      { box: 'eos', lane: 'positions', slots: 5, ready: 5, busy: 0 },
    ]);
  });
});
